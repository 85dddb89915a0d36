import type { ErrorCodeName } from '../contract/error-codes.ts';
import type { HeldRequest } from '../contract/messages.ts';
import type { Problem } from '../contract/problem.ts';
import type { Attempt } from '../contract/request-item.ts';
import { toLaneBody } from './lane-message.ts';
import { toQueueJson } from './queue-json.ts';

/** Failures that may be sent again when their cause is gone are kept. */
export const DEAD_LETTER_CODES: ReadonlySet<string> = new Set<ErrorCodeName>([
  'model_unavailable',
  'crashed_drain',
]);

export interface DeadLetterReason {
  readonly error: Problem;
  readonly attempts: number;
  /** Its last attempts, and how each ended. */
  readonly history: readonly Attempt[];
}

/** What is kept of a request that failed and can be sent again: `lane_message` is all that a lane needs. */
export const toDeadLetter = (held: HeldRequest, { error, attempts, history }: DeadLetterReason): string =>
  toQueueJson({
    request_id: held.request_id,
    custom_id: held.custom_id,
    tenant: held.tenant,
    pool: held.pool,
    priority: held.priority,
    attempts,
    error,
    history: history.map(({ epoch, startedAtMs, suspect, target, outcome }) => ({
      epoch,
      started_at: new Date(startedAtMs).toISOString(),
      under_suspicion: suspect === true,
      ...(target === undefined ? {} : { target }),
      outcome: outcome ?? null,
    })),
    lane_message: toLaneBody(held),
  });
