import type { BatchItem, BatchTally, EndedMember } from '../contract/batch-item.ts';
import type { BatchStatus } from '../contract/batch-statuses.ts';

export type BatchCreation =
  | { readonly kind: 'created' }
  | { readonly kind: 'exists'; readonly batch: BatchItem };

/** What may change of a batch after its creation. `ttlSeconds: null` takes the removal back. */
export interface BatchChange
  extends Partial<
    Pick<
      BatchItem,
      | 'status'
      | 'acceptedAtMs'
      | 'expiresAtMs'
      | 'input'
      | 'total'
      | 'cursor'
      | 'cancelInitiatedAtMs'
      | 'endedAtMs'
      | 'problem'
    >
  > {
  readonly ttlSeconds?: number | null;
}

/** One stretch of a batch, see `TALLY_MEMBERS`. */
export interface TallyAddress {
  readonly batchId: string;
  readonly tally: number;
}

export interface BatchStore {
  create(batch: BatchItem): Promise<BatchCreation>;
  /** Strongly consistent. */
  read(batchId: string): Promise<BatchItem | undefined>;
  /** Writes while the status is one of `from`; nothing when it is not. A cursor moves forward only. */
  change(batchId: string, from: readonly BatchStatus[], change: BatchChange): Promise<BatchItem | undefined>;
  /**
   * Counts members of one tally that have ended; whoever was counted already is not counted again. Answers with
   * the tally as it is then.
   */
  count(address: TallyAddress, members: readonly EndedMember[], ttlSeconds: number): Promise<BatchTally>;
  /** One of its tallies, if anything was counted in it; strongly consistent. */
  tally(address: TallyAddress): Promise<BatchTally | undefined>;
  /** Of the first `count` tallies of a batch those that something was counted in, in any order; strongly consistent. */
  tallies(batchId: string, count: number): Promise<readonly BatchTally[]>;
}
