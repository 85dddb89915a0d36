import type { HeldRequest } from '../contract/messages.ts';
import type { Problem } from '../contract/problem.ts';
import { toLaneBody } from './lane-message.ts';
import { toQueueJson } from './queue-json.ts';

/** What is kept of a request that failed and can be sent again: `lane_message` is all that a lane needs. */
export const toDeadLetter = (held: HeldRequest, error: Problem, attempts: number): string =>
  toQueueJson({
    request_id: held.request_id,
    custom_id: held.custom_id,
    tenant: held.tenant,
    pool: held.pool,
    priority: held.priority,
    attempts,
    error,
    lane_message: toLaneBody(held),
  });
