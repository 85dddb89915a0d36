import type { QuotaReading } from '../contract/quota-reading.ts';

/** The last look at Service Quotas for each pool, shared by drains and doors. */
export interface QuotaReadings {
  /** Nothing when nobody has looked yet, or what lies there is of another version. */
  read(pool: string): Promise<QuotaReading | undefined>;
  write(pool: string, reading: QuotaReading): Promise<void>;
}
