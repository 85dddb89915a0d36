import { workQueuesOf } from '../../contract/names.ts';
import type { Session } from './session.ts';

/** More tenants than a drain meets in ten minutes, but no endless list. */
const MOST_TENANTS = 1000;

/** What the counter of a tenant said after it was counted down. */
export const noteWaiting = (session: Session, tenant: string, count: number): void => {
  session.waitingOf.delete(tenant);
  if (count !== 0 && session.waitingOf.size < MOST_TENANTS) session.waitingOf.set(tenant, count);
};

/** Something waits, or runs under another owner, that lies in no lane for this drain to see. */
const isAnythingLeft = async ({ deps, poolName }: Session): Promise<boolean> => {
  const depths = await Promise.all(workQueuesOf(poolName).map((queue) => deps.queues.depth(queue, 'all')));
  return depths.some((depth) => depth > 0);
};

/**
 * Every lane was found empty: whoever is said to wait all the same was counted by somebody who died before he sent.
 * Not while anything is hidden, parked or in another owner's hands.
 */
export const setTenantsRight = async (session: Session): Promise<void> => {
  const { deps, poolName, waitingOf } = session;
  if (waitingOf.size === 0) return;
  try {
    if (await isAnythingLeft(session)) return;
    await Promise.all([...waitingOf.keys()].map((tenant) => deps.tenants.setRight(poolName, tenant)));
    waitingOf.clear();
  } catch (error) {
    deps.telemetry.log('warn', 'waiting_not_set_right', { pool: poolName, error: String(error) });
  }
};
