import type { BatchStore } from '../../ports/batch-store.ts';
import type { AcceptDeps } from '../accept/accept-deps.ts';

/** What the splitter needs: it accepts as the doors do. */
export type SplitDeps = AcceptDeps & {
  readonly region: string;
  readonly batches: BatchStore;
  /** Accepted at once, between two writes of the cursor: what a crash repeats at most. */
  readonly chunkMembers: number;
};

/** Whether the time that is left is too short to begin with anything. */
export type IsTimeShort = () => boolean;
