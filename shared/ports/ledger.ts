/** What one flush of results used and cost. */
export interface LedgerEntry {
  readonly pool: string;
  readonly segment: string;
  readonly atMs: number;
  readonly requests: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** Null when the pool has no prices. */
  readonly costUsd: number | null;
  /** Paid for, though another attempt had won, or nobody could tell yet who would. */
  readonly lostAttempts: number;
  /** Results of which it was not known who would win: they were paid for in any case. */
  readonly unsettled: number;
}

export interface Ledger {
  /** The same segment again is no second entry: it replaces the first. */
  record(entry: LedgerEntry): Promise<void>;
  /** Whether it has an entry in which nothing is unsettled; strongly consistent. */
  isSettled(pool: string, atMs: number, segment: string): Promise<boolean>;
}
