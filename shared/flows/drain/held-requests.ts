import type { HeldRequest } from '../../contract/messages.ts';
import type { Priority } from '../../contract/priorities.ts';
import type { Attempt } from '../../contract/request-item.ts';
import type { Receipt } from '../../ports/queues.ts';

/** A request that a drain has in hand, from its receive until its lane message is deleted. */
export interface Staged {
  readonly id: string;
  readonly priority: Priority;
  readonly held: HeldRequest;
  /** One for each delivery: a replay sends the lane message again. */
  readonly receipts: Receipt[];
  hiddenAtMs: number;
  /** Waiting for its turn or its next attempt; being claimed or called; ended and being written down. */
  phase: 'waiting' | 'running' | 'settling';
  /** This drain has journalled an attempt at it. */
  claimed: boolean;
  /** How this drain's own last attempt ended, while another is still to come. */
  ownOutcome: Attempt['outcome'];
  /** As the store has them. */
  attempts: number;
  serviceFaults: number;
  attemptLog: readonly Attempt[];
}

export const createStaged = (held: HeldRequest, receipt: Receipt, monotonicMs: number): Staged => ({
  id: held.request_id,
  priority: held.priority,
  held,
  receipts: [receipt],
  hiddenAtMs: monotonicMs,
  phase: 'waiting',
  claimed: false,
  ownOutcome: undefined,
  attempts: 0,
  serviceFaults: 0,
  attemptLog: [],
});
