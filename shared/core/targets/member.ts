import type { Governor, Permission, PlannedCall, SentCall } from '../governor/governor.ts';
import type { Breaker } from './breaker.ts';
import type { Target } from './targets-of.ts';

/** One of several targets, with all that is known about it. */
export interface Member {
  readonly target: Target;
  readonly governor: Governor;
  readonly breaker: Breaker;
  /** Calls under way. */
  inFlight: number;
}

/** A call under way, as its member knows it. */
export interface MemberCall {
  readonly member: Member;
  readonly sent: SentCall;
  readonly wasProbe: boolean;
  isLost: boolean;
}

/** Whether it can take a call now; `target` stands for whatever is only this target's affair. */
export const permissionOf = ({ breaker, governor }: Member, call: PlannedCall, nowMs: number): Permission => {
  const closedMs = breaker.waitMs(nowMs);
  if (closedMs > 0) return { go: false, limit: 'target', waitMs: closedMs };
  const permission = governor.mayGo(call, nowMs);
  return permission.go || (permission.limit !== 'pause' && permission.limit !== 'concurrency')
    ? permission
    : { ...permission, limit: 'target' };
};

/** The share of its quota that is there to be taken, by the scarcest. */
export const spareOf = ({ governor }: Member, nowMs: number): number =>
  Math.min(...governor.describe(nowMs).dimensions.map(({ level, size }) => level / size));
