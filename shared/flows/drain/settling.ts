import type { Pool } from '../../contract/pools.ts';
import type { Result } from '../../contract/request.ts';
import type { ResultPointer } from '../../contract/request-item.ts';
import { REOPENABLE_CODES } from '../../core/dead-letter.ts';
import { type Ended, toResult } from '../../core/to-result.ts';
import type { FinishOutcome } from '../../ports/request-store.ts';
import type { Staged } from './held-requests.ts';

/** A request that has ended, not yet written down. */
export interface Finished {
  readonly staged: Pick<Staged, 'id' | 'held' | 'receipts' | 'attemptLog' | 'priority'>;
  readonly ended: Ended;
  /** Of the owner that it ended under. */
  readonly epoch?: number;
  /** Ended for its caller, if it still waits: who runs is left to its owner. */
  readonly onlyQueued?: true;
}

export type SettleOutcome = FinishOutcome | 'running';

/** What the ledger asks of one result; small, since it may have to wait for the ledger. */
export interface LedgerMember {
  readonly status: Result['status'];
  readonly usage: Result['usage'];
  readonly costUsd: number | null;
  outcome?: SettleOutcome;
}

/** One object of results, and what went into it. */
export interface Segment {
  readonly id: string;
  readonly atMs: number;
  readonly members: readonly LedgerMember[];
  /** Whether the ledger has it as it is now. */
  isRecorded: boolean;
}

/** How far the writing down of one result has got: what is done is not done again. */
export interface Settling {
  readonly finished: Finished;
  readonly result: Result;
  readonly sizeBytes: number;
  readonly member: LedgerMember;
  segment?: Segment;
  pointer?: ResultPointer;
  isNotified: boolean;
  /** The text of what may be sent again lies in the bucket, and its dead letter is sent; of others nothing is kept. */
  isKept: boolean;
  /** In its batch, if it came in one. */
  isCounted: boolean;
  /** Its lane messages are gone. */
  isDone: boolean;
}

export const createSettling = (
  finished: Finished,
  context: { readonly pool: Pool; readonly region: string },
): Settling => {
  const result = toResult(finished.staged.held, finished.ended, context);
  return {
    finished,
    result,
    member: { status: result.status, usage: result.usage, costUsd: result.cost_usd },
    sizeBytes: Buffer.byteLength(JSON.stringify(result)),
    isNotified: false,
    isKept: result.error === null || !REOPENABLE_CODES.has(result.error.code),
    isCounted: finished.staged.held.batch === undefined,
    isDone: false,
  };
};
