import type { TargetPolicy } from '../../contract/targets.ts';
import type { Permission, PlannedCall } from '../governor/governor.ts';
import { type Member, permissionOf, spareOf } from './member.ts';
import { serves } from './serves.ts';

export interface ChoiceRules {
  readonly policy: TargetPolicy;
  /** How long a request waits for an earlier target. */
  readonly patienceMs: number;
}

type Waiting = Extract<Permission, { readonly go: false }>;
export type Choice = { readonly go: true; readonly member: Member } | Waiting;

/** Whoever ruled the last target out asks again by itself; until then somebody looks now and then. */
const LOOK_AGAIN_MS = 1000;

const sooner = (left: Waiting | undefined, right: Waiting): Waiting =>
  left === undefined || right.waitMs < left.waitMs ? right : left;

/** When it failed the request, as a place in the order of failures; -1 when it has not. */
const failureOf = ({ target }: Member, call: PlannedCall): number =>
  call.routing?.failedBy.indexOf(target.name) ?? -1;

/** In the order of the settings; those that failed the request come last, and the latest of them at the very end. */
const candidatesFor = (members: readonly Member[], call: PlannedCall): readonly Member[] =>
  members
    .filter(({ target }) => serves(target, call))
    .sort((left, right) => failureOf(left, call) - failureOf(right, call));

/** The first that can take it now, unless one before it can within the patience that is left. */
const inOrder = (candidates: readonly Member[], call: PlannedCall, at: Moment): Choice | undefined => {
  let soonest: Waiting | undefined;
  for (const member of candidates) {
    const permission = permissionOf(member, call, at.nowMs);
    if (permission.go) return { go: true, member };
    soonest = sooner(soonest, permission);
    // Places and pauses tell no time: another target does not wait for them.
    if (permission.limit !== 'target' && permission.waitMs <= at.patienceLeftMs) break;
  }
  return soonest;
};

const mostSpare = (candidates: readonly Member[], call: PlannedCall, at: Moment): Choice | undefined => {
  let soonest: Waiting | undefined;
  let best: { readonly member: Member; readonly spare: number } | undefined;
  for (const member of candidates) {
    const permission = permissionOf(member, call, at.nowMs);
    if (!permission.go) soonest = sooner(soonest, permission);
    else {
      const spare = spareOf(member, at.nowMs);
      if (best === undefined || spare > best.spare) best = { member, spare };
    }
  }
  return best === undefined ? soonest : { go: true, member: best.member };
};

/** A target that fails everything has most to spare: those that failed the request are asked when no other can. */
const leastWaiting = (candidates: readonly Member[], call: PlannedCall, at: Moment): Choice | undefined => {
  const failed = candidates.filter((member) => failureOf(member, call) >= 0);
  const fresh = mostSpare(candidates.slice(0, candidates.length - failed.length), call, at);
  if (fresh?.go === true) return fresh;
  const again = inOrder(failed, call, at);
  if (fresh === undefined || again === undefined || again.go) return again ?? fresh;
  return sooner(fresh, again);
};

interface Moment {
  readonly nowMs: number;
  readonly patienceLeftMs: number;
}

/** Where a request goes now; or the next moment when any target could take it. */
export const chooseTarget = (
  members: readonly Member[],
  call: PlannedCall,
  at: ChoiceRules & { readonly nowMs: number },
): Choice => {
  const { policy, patienceMs, nowMs } = at;
  const candidates = candidatesFor(members, call);
  const sinceMs = call.routing?.sinceMs ?? nowMs;
  const patienceLeftMs = Math.max(0, sinceMs + patienceMs - nowMs);
  const choose = policy === 'in_order' ? inOrder : leastWaiting;
  const choice = choose(candidates, call, { nowMs, patienceLeftMs });
  return choice ?? { go: false, limit: 'target', waitMs: LOOK_AGAIN_MS };
};
