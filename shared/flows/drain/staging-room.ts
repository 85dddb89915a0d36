import type { Lane } from '../../contract/names.ts';
import {
  freeBulkPlaces,
  freePlaces,
  hasMemory,
  type Neighbours,
  tenantPlaces,
} from '../../core/staging-places.ts';
import type { Clock } from '../../ports/clock.ts';
import { type Bell, createBell } from './bell.ts';
import { type Staged, type Tally, tallyOf } from './held-requests.ts';

/** A queue to stage from. */
export type Source = Pick<Lane, 'priority' | 'band'>;

export interface StagingRoom {
  /** How many more of a source may be staged. */
  free(source: Source): number;
  /** The same, less what others are about to bring: how many to ask for. */
  unreserved(source: Source): number;
  /** Keeps places for what a receive is about to bring; answers with how to give up what is left of them. */
  reserve(source: Source, places: number): () => void;
  /** Places of each of so many tenants that share a bulk lane. */
  perTenant(source: Source, tenants: number): number;
  /** Whether it brought something when it was last looked at. */
  setBusy(source: Source, isBusy: boolean): void;
  /** Rings when places may have become free. */
  readonly changed: Bell;
}

/**
 * Messages that are there come at once. A receive that waits longer waits for what has not been sent yet: its places
 * go to others meanwhile, and should it bring more than there is room for, the rest is put back.
 */
const RESERVED_MS = 250;

interface Reservation {
  readonly source: Source;
  readonly places: number;
  readonly madeAtMs: number;
}

export interface StagingRoomOptions {
  readonly held: ReadonlyMap<string, Staged>;
  readonly places: number;
  readonly clock: Clock;
}

export const createStagingRoom = ({ held, places, clock }: StagingRoomOptions): StagingRoom => {
  const reservations = new Set<Reservation>();
  const busy = new Set<string>();
  const isBusy = ({ priority, band }: Source): boolean => busy.has(`${priority} ${band}`);

  const withReserved = (): Tally => {
    const tally = tallyOf(held.values());
    const sinceMs = clock.monotonicMs() - RESERVED_MS;
    for (const { source, places: kept, madeAtMs } of reservations) {
      if (madeAtMs < sinceMs) continue;
      tally.staged[source.priority] += kept;
      tally.stagedOf[source.band][source.priority] += kept;
    }
    return tally;
  };

  const otherOf = ({ priority, band }: Source): Source => ({
    priority,
    band: band === 'bulk-0' ? 'bulk-1' : 'bulk-0',
  });

  const neighboursOf = (source: Source): Neighbours => ({
    isExpressBusy: isBusy({ priority: source.priority, band: 'express' }),
    isOtherBusy: isBusy(otherOf(source)),
  });

  const freeIn = ({ staged, stagedOf, heldBytes }: Tally, source: Source): number => {
    const { priority, band } = source;
    if (!hasMemory(priority, heldBytes)) return 0;
    if (band === 'express') return freePlaces(priority, staged, places);
    const load = {
      staged,
      own: stagedOf[band][priority],
      other: stagedOf[otherOf(source).band][priority],
      ...neighboursOf(source),
    };
    return freeBulkPlaces(priority, load, places);
  };

  return {
    free: (source) => freeIn(tallyOf(held.values()), source),
    unreserved: (source) => freeIn(withReserved(), source),
    reserve: (source, kept) => {
      const reservation = { source, places: kept, madeAtMs: clock.monotonicMs() };
      reservations.add(reservation);
      return () => {
        reservations.delete(reservation);
      };
    },
    perTenant: (source, tenants) => tenantPlaces(source.priority, neighboursOf(source), { places, tenants }),
    setBusy: ({ priority, band }, broughtSomething) => {
      const key = `${priority} ${band}`;
      if (broughtSomething) busy.add(key);
      else busy.delete(key);
    },
    changed: createBell(clock),
  };
};
