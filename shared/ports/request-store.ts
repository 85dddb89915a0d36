import type { ErrorCodeName } from '../contract/error-codes.ts';
import type { Usage } from '../contract/request.ts';
import type { Attempt, RequestItem, ResultPointer } from '../contract/request-item.ts';
import type { TerminalStatus } from '../contract/statuses.ts';
import type { Claim } from '../core/decide-claim.ts';

export type Creation = { readonly kind: 'created' } | { readonly kind: 'exists'; readonly item: RequestItem };

export type ClaimOutcome =
  | { readonly kind: 'claimed'; readonly item: RequestItem }
  | { readonly kind: 'finished'; readonly item: RequestItem }
  | { readonly kind: 'superseded' }
  | { readonly kind: 'expired'; readonly item: RequestItem }
  | { readonly kind: 'suspect' }
  | { readonly kind: 'condemned'; readonly item: RequestItem }
  | { readonly kind: 'busy'; readonly untilMs: number }
  | { readonly kind: 'missing' };

export interface Finish {
  readonly requestId: string;
  /** Whose end it is; absent: of what was never reopened. */
  readonly generation?: number | undefined;
  readonly status: TerminalStatus;
  /** Of the owner whose attempt this was, if it was one's. */
  readonly epoch?: number;
  /** As that owner knows them: where another has claimed since, the journal's own stay. */
  readonly attempts: number;
  readonly attemptLog: readonly Attempt[];
  /** Start of the call that counted, if there was one. */
  readonly calledAtMs?: number;
  readonly finishedAtMs: number;
  readonly ttlSeconds: number;
  readonly result: ResultPointer;
  readonly usage: Usage | null;
  readonly costUsd: number | null;
  readonly errorCode: ErrorCodeName | undefined;
  /** Whose dead letters it is among from now on. */
  readonly deadLetterPool?: string | undefined;
}

/** Running: it is for its owner to stop it. */
export type CancelOutcome = 'canceled' | 'running' | 'ended' | 'missing';

/** Superseded: it was reopened since, and this end is of its life before. */
export type FinishOutcome = 'finished' | 'already_finished' | 'superseded' | 'missing';

/** State of every request. Each method is one conditional write; losing it to somebody else is an answer. */
export interface RequestStore {
  create(item: RequestItem): Promise<Creation>;
  /** Strongly consistent. */
  read(requestId: string): Promise<RequestItem | undefined>;
  /** Journals an attempt before it is paid for; see `decideClaim` for who may. */
  claim(requestId: string, claim: Claim): Promise<ClaimOutcome>;
  /**
   * Back to `queued`: the attempt of this claim is over. Nothing happens when somebody else is the owner, or when the
   * owner has claimed it again since.
   */
  putBack(
    requestId: string,
    epoch: number,
    record: Pick<RequestItem, 'claims' | 'attempts' | 'serviceFaults' | 'attemptLog'>,
  ): Promise<void>;
  /** The first finisher wins; the same write again, told by its result, is still the first. */
  finish(finish: Finish): Promise<FinishOutcome>;
  /** Ends a request that waits; told again with the same result it is still canceled. */
  cancel(finish: Finish): Promise<CancelOutcome>;
}
