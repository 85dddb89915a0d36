import { laneQueue, lanesOf } from '../../contract/names.ts';
import { createShelf, type Shelf } from '../../core/scheduler/shelf.ts';
import { createTurnRate, type TurnRate } from '../../core/scheduler/turn-rate.ts';
import type { Source } from './staging-room.ts';

/** A bulk lane, and what of it is hidden because its tenants have their places. */
export interface LaneShelf {
  readonly source: Source;
  readonly queue: string;
  readonly shelf: Shelf;
  /** When a tenant's were last shown again, by the monotonic clock. */
  readonly shownAtMs: Map<string, number>;
  /** One of a tenant's has found a place. */
  turn(tenant: string, nowMs: number): void;
  turnsPerSecond(tenant: string, nowMs: number): number | undefined;
}

/** By queue. */
export type Shelves = ReadonlyMap<string, LaneShelf>;

const createLaneShelf = (source: Source, queue: string): LaneShelf => {
  const rates = new Map<string, TurnRate>();
  return {
    source,
    queue,
    shelf: createShelf(),
    shownAtMs: new Map(),
    turn: (tenant, nowMs) => {
      const rate = rates.get(tenant) ?? createTurnRate(nowMs);
      rates.set(tenant, rate);
      rate.turn(nowMs);
    },
    turnsPerSecond: (tenant, nowMs) => rates.get(tenant)?.perSecond(nowMs),
  };
};

export const createShelves = (pool: string): Shelves =>
  new Map(
    lanesOf(pool)
      .filter(({ band }) => band !== 'express')
      .map((lane) => [laneQueue(lane), createLaneShelf(lane, laneQueue(lane))]),
  );

export const shelvedIn = (shelves: Shelves): number =>
  [...shelves.values()].reduce((total, { shelf }) => total + shelf.size(), 0);
