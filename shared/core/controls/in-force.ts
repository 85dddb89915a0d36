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

/**
 * How long work of a paused tenant is left alone: a quarter of the time that the pause lasts already, so that a short
 * pause ends soon and a long one costs little.
 */
export const lookAgainSeconds = ({ changed_at_ms }: Control, nowMs: number): number =>
  Math.min(LONGEST_LOOK_SECONDS, Math.max(LEAST_LOOK_SECONDS, Math.ceil((nowMs - changed_at_ms) / 4000)));

/** Shares that operators have set, by tenant. */
export const weightsSet = ({ controls }: Controls): Readonly<Record<string, number>> =>
  Object.fromEntries(
    controls.flatMap(({ kind, name, weight }) =>
      kind === 'tenant' && weight !== undefined ? [[name, weight]] : [],
    ),
  );
