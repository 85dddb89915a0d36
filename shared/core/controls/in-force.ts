import type { Control, ControlKind, Controls } from '../../contract/controls.ts';
import type { Priority } from '../../contract/priorities.ts';

export interface Held {
  readonly pool: string;
  readonly tenant: string;
  readonly priority: Priority;
}

export const controlOf = ({ controls }: Controls, kind: ControlKind, name: string): Control | undefined =>
  controls.find((control) => control.kind === kind && control.name === name);

/** The pause that keeps a request back, if one does. */
export const pauseOf = (controls: Controls, { pool, tenant, priority }: Held): Control | undefined =>
  [
    controlOf(controls, 'pool', pool),
    controlOf(controls, 'priority', priority),
    controlOf(controls, 'tenant', tenant),
  ].find((control) => control?.paused === true);

/** Nothing waits for less than this, nor longer than that, to be looked at again. */
const LEAST_LOOK_SECONDS = 5;
const LONGEST_LOOK_SECONDS = 15 * 60;

/** Parked messages that are looked at again in a second, at most: two calls of SQS, seven cents a day. */
const MOST_LOOKS_PER_SECOND = 10;

/**
 * How long work of a paused tenant is left alone: a quarter of the time that the pause lasts already, or as long as
 * it takes to look at all that is parked, whichever is shorter, so that a pause that is short, or keeps little back,
 * ends soon and others cost little. `parked` where it is known.
 */
export const lookAgainSeconds = (
  { changed_at_ms }: Control,
  nowMs: number,
  parked = Number.POSITIVE_INFINITY,
): number => {
  const seconds = Math.min((nowMs - changed_at_ms) / 4000, parked / MOST_LOOKS_PER_SECOND);
  return Math.min(LONGEST_LOOK_SECONDS, Math.max(LEAST_LOOK_SECONDS, Math.ceil(seconds)));
};

/** Shares that operators have set, by tenant. */
export const weightsSet = ({ controls }: Controls): Readonly<Record<string, number>> =>
  Object.fromEntries(
    controls.flatMap(({ kind, name, weight }) =>
      kind === 'tenant' && weight !== undefined ? [[name, weight]] : [],
    ),
  );
