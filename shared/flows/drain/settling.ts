import type { Result } from '../../contract/request.ts';
import type { ResultPointer } from '../../contract/request-item.ts';
import type { Ended } from '../../core/to-result.ts';
import type { FinishOutcome } from '../../ports/request-store.ts';
import type { Staged } from './held-requests.ts';

/** A request that has ended, not yet written down. */
export interface Finished {
  readonly staged: Staged;
  readonly ended: Ended;
}

/** The same, once its state item was written, or not. */
export interface Settling {
  readonly finished: Finished;
  readonly result: Result;
  readonly pointer: ResultPointer;
  readonly outcome: FinishOutcome | 'not_written';
}
