import type { HeldRequest } from '../../contract/messages.ts';
import type { Band } from '../../contract/names.ts';
import type { Priority } from '../../contract/priorities.ts';
import type { Attempt } from '../../contract/request-item.ts';
import type { Capability } from '../../contract/targets.ts';
import type { Spend } from '../../core/limits/spend-limits.ts';
import { needsOf } from '../../core/targets/needs-of.ts';
import type { Receipt } from '../../ports/queues.ts';

export interface Reserved {
  readonly periods: readonly string[];
  readonly amount: Spend;
}

/** A request that a drain has in hand, from its receive until its lane message is deleted. */
export interface Staged {
  readonly id: string;
  readonly priority: Priority;
  /** Of the lane that it came from. */
  readonly band: Band;
  readonly held: HeldRequest;
  readonly sizeBytes: number;
  /** One for each delivery: a replay sends the lane message again. */
  readonly receipts: Receipt[];
  hiddenAtMs: number;
  /**
   * Waiting for its turn; backing off until its next attempt; left for the successor; being claimed or called; ended and
   * being written down; or following another that asks the same, which is being called.
   */
  phase: 'waiting' | 'backing_off' | 'left' | 'following' | 'running' | 'settling';
  /** The store has it as running, in this drain's name. */
  claimed: boolean;
  /** Since its last attempt ended; by the monotonic clock. */
  waitsSinceMs: number;
  /** How this drain's own last attempt ended, while another is still to come. */
  ownOutcome: Attempt['outcome'];
  /** As the store has them. */
  claims: number;
  attempts: number;
  serviceFaults: number;
  attemptLog: readonly Attempt[];
  readonly needs: readonly Capability[];
  /** Targets that can not answer it, as they have said. */
  readonly ruledOut: Set<string>;
  /** Targets that failed it, the latest last. */
  failedBy: readonly string[];
  /** The target it was sent to last, where its pool has several. */
  target: string | undefined;
  /** Of its tenant's means, for the call under way. */
  reserved: Reserved | undefined;
  /** Why its tenant's means do not allow it. */
  denied: string | undefined;
}

/** No call of it is alive, and it has not ended. */
export const isWaiting = ({ phase }: Staged): boolean =>
  phase === 'waiting' || phase === 'backing_off' || phase === 'left' || phase === 'following';

/** Of one question, while a call for it is under way: whoever else asks it, and waits for that call. */
export interface UnderWay {
  readonly leader: Staged;
  readonly followers: Staged[];
}

/** By the key of their question. */
export type CallsUnderWay = Map<string, UnderWay>;

/** A request as it was found in a queue. */
export interface Found {
  readonly held: HeldRequest;
  readonly receipt: Receipt;
  readonly sizeBytes: number;
  readonly band: Band;
}

export const createStaged = ({ held, receipt, sizeBytes, band }: Found, monotonicMs: number): Staged => ({
  id: held.request_id,
  priority: held.priority,
  band,
  held,
  sizeBytes,
  receipts: [receipt],
  hiddenAtMs: monotonicMs,
  phase: 'waiting',
  claimed: false,
  waitsSinceMs: monotonicMs,
  ownOutcome: undefined,
  claims: 0,
  attempts: 0,
  serviceFaults: 0,
  attemptLog: [],
  needs: needsOf(held),
  ruledOut: new Set(),
  failedBy: [],
  target: undefined,
  reserved: undefined,
  denied: undefined,
});

/** What of the requests in hand counts against the limits of staging. */
export interface Tally {
  readonly staged: Record<Priority, number>;
  readonly stagedOf: Record<Band, Record<Priority, number>>;
  readonly heldBytes: Record<Priority, number>;
}

const none = (): Record<Priority, number> => ({ high: 0, normal: 0, low: 0 });

export const tallyOf = (held: Iterable<Staged>): Tally => {
  const tally: Tally = {
    staged: none(),
    stagedOf: { express: none(), 'bulk-0': none(), 'bulk-1': none() },
    heldBytes: none(),
  };
  for (const { priority, band, phase, sizeBytes } of held) {
    tally.heldBytes[priority] += sizeBytes;
    if (phase !== 'waiting') continue;
    tally.staged[priority] += 1;
    tally.stagedOf[band][priority] += 1;
  }
  return tally;
};
