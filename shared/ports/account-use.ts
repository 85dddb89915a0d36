import type { UseReading } from '../contract/use-reading.ts';
import type { Span, UseByWindow } from '../core/quota/others-use.ts';

export interface AccountUse {
  /** What everybody of the account used of a model, by windows of five minutes. */
  ofModel(modelId: string, span: Span, timeoutMs: number): Promise<UseByWindow>;
}

/** The usage ledger, read. */
export interface OwnUse {
  /** What this deployment's pool used, by the same windows. */
  ofPool(pool: string, span: Span): Promise<UseByWindow>;
}

export interface UseReadings {
  read(pool: string): Promise<UseReading | undefined>;
  write(pool: string, reading: UseReading): Promise<void>;
}
