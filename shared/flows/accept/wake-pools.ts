import type { Wake } from '../../contract/messages.ts';
import { QUEUES } from '../../contract/names.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PoolStore } from '../../ports/pool-store.ts';
import type { Queues } from '../../ports/queues.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

export interface WakeDeps {
  readonly pools: PoolStore;
  readonly queues: Queues;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** Not while somebody drains it: he looks once more before he ends. */
export const wakePool = async (message: Wake, deps: WakeDeps): Promise<void> => {
  const { pool } = message;
  try {
    if (await deps.pools.isHeld(pool, deps.clock.nowMs())) return;
    const failed = await deps.queues.send(QUEUES.wake, [{ body: JSON.stringify(message) }]);
    if (failed.size > 0) deps.telemetry.log('warn', 'wake_not_sent', { pool });
  } catch (error) {
    // What is durable stays accepted: the minute's tick wakes the pool in any case.
    deps.telemetry.log('warn', 'wake_not_sent', { pool, error: String(error) });
  }
};

/**
 * Wakes the pools that nobody drains. Called *after* sending to the lanes: a drain that lets its lease go polls
 * every lane once more, so either it sees the message or this sees no lease.
 */
export const wakePools = async (pools: readonly string[], deps: WakeDeps): Promise<void> => {
  await Promise.all(pools.map((pool) => wakePool({ pool }, deps)));
};
