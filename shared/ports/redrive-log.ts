import type { RedriveRecord } from '../contract/redrive.ts';

/** Who sent dead letters again. */
export interface RedriveLog {
  /** Once before it begins, and once with what came of it, in place of the first. */
  keep(record: RedriveRecord): Promise<void>;
  /** Latest first, those before this one, so many at most. */
  list(before: string | undefined, most: number): Promise<readonly RedriveRecord[]>;
}
