import { type Attempt, generationOf, type RequestItem } from '../contract/request-item.ts';
import { isTerminal } from '../contract/statuses.ts';
import { crashesSoFar, isCondemned, isSuspect, type OwnerKnowledge } from './suspicion.ts';

/** A drain that wants to run a request. */
export interface Claim extends OwnerKnowledge {
  /** Of the message that asks for it; absent: of one that was never reopened. */
  readonly generation?: number | undefined;
  readonly epoch: number;
  readonly nowMs: number;
  readonly attemptUntilMs: number;
  /** It may be one under suspicion: no other such is in flight, and the pool's item says that this one is. */
  readonly asSuspect?: boolean;
  /** What it will be sent to, where the pool has several targets. */
  readonly target?: string;
  /** How this owner's own earlier attempt at the request ended, if there was one. */
  readonly ownOutcome?: Attempt['outcome'];
}

/** What a claim writes of the attempts so far and the one to come. */
export type AttemptRecord = Pick<
  RequestItem,
  'attempts' | 'serviceFaults' | 'crashes' | 'suspectCrashes' | 'attemptLog'
>;

export type ClaimDecision =
  | ({ readonly kind: 'claim' } & AttemptRecord)
  | { readonly kind: 'finished' }
  /** It was reopened since: this message is of its life before. */
  | { readonly kind: 'superseded' }
  | { readonly kind: 'expired' }
  /** It was in flight when drains died: it may run only under suspicion, when its turn for that has come. */
  | { readonly kind: 'suspect' }
  /** Drains died whenever it ran. */
  | { readonly kind: 'condemned' }
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
 *
 * Of what could be claimed, that whose time is up is expired, and that whose attempts end drains is held back.
 */
export const decideClaim = (item: RequestItem, claim: Claim): ClaimDecision => {
  if (generationOf(item) !== generationOf(claim)) return { kind: 'superseded' };
  if (isTerminal(item.status)) return { kind: 'finished' };
  const own = item.epoch === claim.epoch;
  if (item.status === 'running' && !own && !hasEnded(item, claim))
    return { kind: 'busy', untilMs: item.attemptUntilMs ?? claim.nowMs };
  if (item.expiresAtMs <= claim.nowMs) return { kind: 'expired' };
  const crashes = own ? item : crashesSoFar(item, claim);
  if (isCondemned(crashes)) return { kind: 'condemned' };
  if (isSuspect(crashes) && claim.asSuspect !== true) return { kind: 'suspect' };
  const ownOutcome = own && item.status === 'running' ? claim.ownOutcome : undefined;
  const suspect = isSuspect(crashes) ? { suspect: true as const } : {};
  const target = claim.target === undefined ? {} : { target: claim.target };
  const closed = closeAttempt(item.attemptLog, ownOutcome ?? 'outcome_unknown');
  return {
    kind: 'claim',
    attempts: attemptsSoFar(item, ownOutcome) + 1,
    serviceFaults: faultsAfter(item.serviceFaults, ownOutcome),
    crashes: crashes.crashes,
    suspectCrashes: crashes.suspectCrashes,
    attemptLog: [...closed, { epoch: claim.epoch, startedAtMs: claim.nowMs, ...suspect, ...target }].slice(
      -LOGGED_ATTEMPTS,
    ),
  };
};
