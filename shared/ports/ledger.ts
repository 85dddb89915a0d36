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
  /** Paid for, though another attempt had won. */
  readonly lostAttempts: number;
}

export interface Ledger {
  /** The same segment again is no second entry: it replaces the first. */
  record(entry: LedgerEntry): Promise<void>;
  /** Strongly consistent. */
  has(pool: string, atMs: number, segment: string): Promise<boolean>;
}
