import type { Attempt, RequestItem } from '../contract/request-item.ts';
import { isTerminal } from '../contract/statuses.ts';

/** A drain that wants to run a request. */
export interface Claim {
  readonly epoch: number;
  readonly nowMs: number;
  readonly attemptUntilMs: number;
  /** Epochs that may still have calls under way; an older one that is missing has certainly ended. */
  readonly liveEpochs: readonly number[];
  /** How this owner's own earlier attempt at the request ended, if there was one. */
  readonly ownOutcome?: Attempt['outcome'];
}

export type ClaimDecision =
  | ({ readonly kind: 'claim' } & Pick<RequestItem, 'attempts' | 'serviceFaults' | 'attemptLog'>)
  | { readonly kind: 'finished' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'busy'; readonly untilMs: number };

const LOGGED_ATTEMPTS = 3;

const hasEnded = (item: RequestItem, claim: Claim): boolean => {
  if (item.epoch === undefined || item.attemptUntilMs === undefined) return true;
  if (item.attemptUntilMs < claim.nowMs) return true;
  // A later epoch alone proves nothing: owners overlap at a hand-over.
  return item.epoch < claim.epoch && !claim.liveEpochs.includes(item.epoch);
};

/** The log with the outcome of its last attempt, where nobody wrote one before. */
export const closeAttempt = (
  log: readonly Attempt[],
  outcome: NonNullable<Attempt['outcome']>,
): readonly Attempt[] => {
  const last = log.at(-1);
  return last === undefined || last.outcome !== undefined ? log : [...log.slice(0, -1), { ...last, outcome }];
};

/** Outcomes that cost nothing: the next attempt takes their place in the count. */
const NOT_PAID: ReadonlySet<Attempt['outcome']> = new Set(['throttled', 'throttled_for_today']);

const attemptsSoFar = (item: RequestItem, ownOutcome: Attempt['outcome']): number =>
  item.attempts - (NOT_PAID.has(ownOutcome) ? 1 : 0);

/** Faults of the service, the one that an attempt ended in included. */
export const faultsAfter = (faults: number, outcome: Attempt['outcome']): number =>
  faults + (outcome === 'service_fault' ? 1 : 0);

/**
 * Whether an owner may run the request that the store shows.
 *
 *   queued                         claim
 *   running, own epoch             claim (the owner itself knows that its attempt is over)
 *   running, attempt_until passed  claim, the earlier attempt marked outcome_unknown
 *   running, epoch surely ended    claim, likewise
 *   running, anything else         busy: at most one live attempt
 */
export const decideClaim = (item: RequestItem, claim: Claim): ClaimDecision => {
  if (isTerminal(item.status)) return { kind: 'finished' };
  const own = item.epoch === claim.epoch;
  if (item.status === 'running' && !own && !hasEnded(item, claim))
    return { kind: 'busy', untilMs: item.attemptUntilMs ?? claim.nowMs };
  if (item.expiresAtMs <= claim.nowMs) return { kind: 'expired' };
  const ownOutcome = own && item.status === 'running' ? claim.ownOutcome : undefined;
  const closed = closeAttempt(item.attemptLog, ownOutcome ?? 'outcome_unknown');
  return {
    kind: 'claim',
    attempts: attemptsSoFar(item, ownOutcome) + 1,
    serviceFaults: faultsAfter(item.serviceFaults, ownOutcome),
    attemptLog: [...closed, { epoch: claim.epoch, startedAtMs: claim.nowMs }].slice(-LOGGED_ATTEMPTS),
  };
};
