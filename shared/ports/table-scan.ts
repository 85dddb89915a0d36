import type { BatchItem } from '../contract/batch-item.ts';
import type { RequestItem } from '../contract/request-item.ts';

/** How far the table has been looked through. */
export interface ScanProgress {
  /** Grows with each write, so that a conditional one can name the one it saw. */
  readonly version: number;
  /** When this look through the whole table began. */
  readonly startedAtMs: number;
  /** The last key that was looked at; nothing at the beginning. */
  readonly after?: string;
  readonly isDone: boolean;
  /** Counts of tenants, by their keys, that were not zero though nothing waited in their pool. */
  readonly doubted: Readonly<Record<string, number>>;
  /** When the last of them was seen. */
  readonly doubtedAtMs: number;
}

/** Of all items only those of which something may be wrong are handed out. */
export interface ScanQuestion {
  /** Requests that have not ended though their deadline was before. */
  readonly expiredBeforeMs: number;
  /** Requests that run though their attempt was to be over before. */
  readonly attemptOverBeforeMs: number;
  /** Batches that are not over though they were accepted before. */
  readonly acceptedBeforeMs: number;
}

export interface CountedTenant {
  readonly key: string;
  /** Never zero. */
  readonly waiting: number;
}

export interface ScanPage {
  readonly requests: readonly RequestItem[];
  readonly batches: readonly BatchItem[];
  readonly tenants: readonly CountedTenant[];
  /** Where the next page goes on; nothing after the last. */
  readonly next: string | undefined;
}

/** The requests table as a whole, in an order that means nothing. */
export interface TableScan {
  /** So much as one call reads: of DynamoDB 1 MB. Eventually consistent. */
  page(after: string | undefined, question: ScanQuestion): Promise<ScanPage>;
  readProgress(): Promise<ScanProgress | undefined>;
  /** False when somebody else has got further since `seen`. */
  saveProgress(next: ScanProgress, seen: ScanProgress | undefined): Promise<boolean>;
}
