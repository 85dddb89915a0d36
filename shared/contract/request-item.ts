import type { BatchMember } from './batch-item.ts';
import type { ErrorCodeName } from './error-codes.ts';
import type { Priority } from './priorities.ts';
import type { Usage } from './request.ts';
import type { Status } from './statuses.ts';

/** Where a result lies: a range of bytes in one object of the bucket. */
export interface ResultPointer {
  readonly key: string;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** One model call as journalled before it was made; `outcome` is known once a later write tells it. */
export interface Attempt {
  readonly epoch: number;
  readonly startedAtMs: number;
  /** Made alone, under suspicion of having ended the drains that made it before. */
  readonly suspect?: true;
  /** Where the pool has several. */
  readonly target?: string;
  readonly outcome?: ErrorCodeName | 'answered' | 'outcome_unknown';
}

/** How one generation of a request ended, before it was reopened. */
export interface EarlierEnd {
  readonly generation: number;
  readonly errorCode: ErrorCodeName | undefined;
  readonly finishedAtMs: number;
  readonly attempts: number;
  readonly attemptLog: readonly Attempt[];
  readonly result?: ResultPointer;
}

/** State of one request. It stays under 1 KB, so that each transition costs one write unit. */
export interface RequestItem {
  readonly requestId: string;
  readonly customId: string | null;
  readonly tenant: string;
  /** As the sender of a queue message says; no credential proved it. */
  readonly tenantAsserted?: true;
  readonly pool: string;
  readonly priority: Priority;
  readonly status: Status;
  /** Hash of the body as it was sent, to tell a replay from a conflict. */
  readonly fingerprint: string;
  readonly acceptedAtMs: number;
  readonly expiresAtMs: number;
  readonly notBeforeMs?: number;
  /** The batch that it came in. */
  readonly batch?: BatchMember;
  /** Told when it has ended. */
  readonly callbackUrl?: string;
  /** Version of the claim: grows with each, so that a conditional write can name the one it saw. */
  readonly claims: number;
  /** Model calls that were paid for or may have been; throttled ones are taken back. */
  readonly attempts: number;
  /** Attempts that ended in a fault of the model service: only these can use up their limit. */
  readonly serviceFaults: number;
  /** Attempts whose outcome is missing because the drain that made them died. */
  readonly crashes: number;
  /** Those of them that were made under suspicion. */
  readonly suspectCrashes: number;
  /** The last three. */
  readonly attemptLog: readonly Attempt[];
  /** Owner of the running attempt, and the time after which it has certainly ended. */
  readonly epoch?: number;
  readonly attemptUntilMs?: number;
  /** Start of the call that counted; nothing where none did, and of what ended before this was kept. */
  readonly calledAtMs?: number;
  readonly finishedAtMs?: number;
  readonly result?: ResultPointer;
  readonly usage?: Usage;
  readonly costUsd?: number;
  readonly errorCode?: ErrorCodeName;
  /** How often it was reopened after it had failed; absent: never. */
  readonly generation?: number;
  readonly reopenedAtMs?: number;
  /** Which text in the bucket is its own, since it was reopened. */
  readonly textId?: string;
  /** The last three ends that were reopened. */
  readonly earlier?: readonly EarlierEnd[];
  /** Removal by DynamoDB, set only when the request has ended. Compared in code too: DynamoDB removes late. */
  readonly ttlSeconds?: number;
}

/** Of a request, its message, or an end of it. */
export const generationOf = ({ generation }: { readonly generation?: number | undefined }): number =>
  generation ?? 0;
