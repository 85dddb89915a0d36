import type { RequestItem } from '../contract/request-item.ts';

/** Many requests at once, for lists. */
export interface RequestReader {
  /** By id, those that there are. Strongly consistent: what is counted as ended is found ended. */
  readMany(requestIds: readonly string[]): Promise<ReadonlyMap<string, RequestItem>>;
}
