import { createHash } from 'node:crypto';
import { limit } from '../contract/limits.ts';
import type { HeldRequest } from '../contract/messages.ts';
import { type Band, laneQueue, parkedQueue } from '../contract/names.ts';

/** SQS's own: longest delay of a message. */
const MAX_DELAY_SECONDS = 900;

export interface Destination {
  readonly queue: string;
  readonly delaySeconds?: number;
}

/** One tenant's load stays in one shard, so that half of all other tenants never meet it. */
export const bulkShard = (tenant: string): Band =>
  ((createHash('sha256').update(tenant).digest()[0] ?? 0) & 1) === 0 ? 'bulk-0' : 'bulk-1';

/**
 * Where an accepted request waits: a lane, or with the parked while it may not run yet.
 * `place`: it is the tenant's first waiting request in its pool, or second, or …
 */
export const chooseQueue = (held: HeldRequest, place: number, nowMs: number): Destination => {
  const { pool, priority, tenant } = held;
  const aheadMs = (held.not_before_ms ?? 0) - nowMs;
  if (aheadMs > 0)
    return {
      queue: parkedQueue(pool),
      delaySeconds: Math.min(MAX_DELAY_SECONDS, Math.ceil(aheadMs / 1000)),
    };
  const band = place <= limit('express_requests') ? 'express' : bulkShard(tenant);
  return { queue: laneQueue({ pool, priority, band }) };
};
