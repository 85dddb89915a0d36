import { DEAD_LETTER_REASONS } from '../contract/dead-letter.ts';
import type { ErrorCodeName } from '../contract/error-codes.ts';
import type { HeldRequest } from '../contract/messages.ts';
import type { Problem } from '../contract/problem.ts';
import { type Attempt, generationOf, type RequestItem } from '../contract/request-item.ts';
import { toHistory } from './dead-letter-view.ts';
import { toLaneBody } from './lane-message.ts';
import { toQueueJson } from './queue-json.ts';

/** Failures that need somebody who operates the pipeline: told to the pool's dead-letter queue. */
export const DEAD_LETTER_CODES: ReadonlySet<string> = new Set<ErrorCodeName>([
  'model_unavailable',
  'crashed_drain',
  'model_access_denied',
  'model_not_found',
]);

export const REOPENABLE_CODES: ReadonlySet<string> = new Set(DEAD_LETTER_REASONS);

/** Whether an operator may send it again, as far as its state tells. */
export const canReopen = ({ status, errorCode }: Pick<RequestItem, 'status' | 'errorCode'>): boolean =>
  status === 'failed' && errorCode !== undefined && REOPENABLE_CODES.has(errorCode);

/** As long again as it had when it was accepted, or was reopened last. */
export const newDeadlineMs = (
  { acceptedAtMs, reopenedAtMs, expiresAtMs }: RequestItem,
  nowMs: number,
): number => nowMs + expiresAtMs - (reopenedAtMs ?? acceptedAtMs);

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
    generation: generationOf(held),
    custom_id: held.custom_id,
    tenant: held.tenant,
    pool: held.pool,
    priority: held.priority,
    attempts,
    error,
    history: toHistory(history),
    lane_message: toLaneBody(held),
  });
