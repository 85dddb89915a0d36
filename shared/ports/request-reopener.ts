import type { RequestItem } from '../contract/request-item.ts';
import type { Reopening } from '../core/dead-letter-reopening.ts';

/** The one way back from an end. */
export interface RequestReopener {
  /**
   * One conditional write: of all who reopen the same end, one succeeds. The item as it is then; nothing when it is
   * no longer as it was seen, unless it is by this very reopening, told again.
   */
  reopen(reopening: Reopening): Promise<RequestItem | undefined>;
}
