import type { Governor, SentCall } from '../governor/governor.ts';
import type { Target } from './targets-of.ts';

/** Nobody was there to answer; or whoever was there answers no call of ours. */
export type Loss = 'capacity' | 'barred';

/** Says when the next call of a pool may go, and where. */
export interface PoolGovernor extends Governor {
  /** Where a call goes that has been let go. */
  targetOf(sent: SentCall): Target;
  /** Told of a call before it is ended by one of the governor's own words. Whether that closed the way to its target. */
  lost(sent: SentCall, loss: Loss, nowMs: number): boolean;
}

/** A pool with one target: its governor, and nothing else. */
export const governOne = (target: Target, governor: Governor): PoolGovernor => ({
  ...governor,
  targetOf: () => target,
  lost: () => false,
});
