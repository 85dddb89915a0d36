import type { RequestItem } from '../../contract/request-item.ts';
import { closeAttempt } from '../../core/decide-claim.ts';
import { groupBy } from '../../core/group-by.ts';
import { heldWithoutText } from '../../core/hold-request.ts';
import { judgeRequest, type Repair } from '../../core/reconcile/judge-request.ts';
import { settleResults } from '../drain/settle-results.ts';
import { createSettling, type Finished } from '../drain/settling.ts';
import type { ReconcileDeps } from './reconcile-deps.ts';
import { reportHealed } from './report-damage.ts';

/** Ended by one object of results, as a drain's flush. */
const MOST_TOGETHER = 100;

interface Damaged {
  readonly item: RequestItem;
  readonly repair: Repair;
}

const fieldsOf = ({ requestId, pool, tenant, batch }: RequestItem) => ({
  request_id: requestId,
  pool,
  tenant,
  ...(batch === undefined ? {} : { batch_id: batch.id }),
});

/** As it is now, not as the scan saw it. */
const judgeAgain = async (
  found: readonly RequestItem[],
  deps: ReconcileDeps,
): Promise<readonly Damaged[]> => {
  const items = await deps.requestReader.readMany(found.map(({ requestId }) => requestId));
  const nowMs = deps.clock.nowMs();
  return [...items.values()].flatMap((item) => {
    const repair = judgeRequest(item, nowMs);
    return repair === undefined ? [] : [{ item, repair }];
  });
};

/** Nothing happens when somebody has claimed it since it was read. */
const putBack = async ({ item, repair }: Damaged, deps: ReconcileDeps): Promise<Damaged> => {
  if (!repair.putBack || item.epoch === undefined) return { item, repair };
  const attemptLog = closeAttempt(item.attemptLog, 'outcome_unknown');
  await deps.requests.putBack(item.requestId, item.epoch, { ...item, attemptLog });
  if (!repair.expire) {
    const now = await deps.requests.read(item.requestId);
    if (now?.status === 'queued') reportHealed(deps.telemetry, repair.damage, fieldsOf(item));
  }
  return { item: { ...item, attemptLog }, repair };
};

const toFinished = ({ item }: Damaged, nowMs: number): Finished => ({
  staged: {
    id: item.requestId,
    held: heldWithoutText(item),
    priority: item.priority,
    receipts: [],
    attemptLog: item.attemptLog,
  },
  ended: {
    ending: { status: 'expired', code: 'deadline_passed' },
    attempts: item.attempts,
    finishedAtMs: nowMs,
  },
  onlyQueued: true,
});

const expireTogether = async (
  pool: string,
  damaged: readonly Damaged[],
  deps: ReconcileDeps,
): Promise<void> => {
  const settings = deps.settings.models[pool];
  if (settings === undefined)
    return deps.telemetry.log('warn', 'damage_of_unknown_pool', { pool, requests: damaged.length });
  const nowMs = deps.clock.nowMs();
  const ends = damaged.map((one) => ({
    ...one,
    settling: createSettling(toFinished(one, nowMs), { pool: settings, region: deps.region }),
  }));
  await settleResults(
    pool,
    ends.map(({ settling }) => settling),
    deps,
  );
  for (const { item, repair, settling } of ends)
    if (settling.member.outcome === 'finished') reportHealed(deps.telemetry, repair.damage, fieldsOf(item));
};

/** With result, notification and counts, in the order of a drain: whoever has claimed or ended it meanwhile, wins. */
const expire = async (damaged: readonly Damaged[], deps: ReconcileDeps): Promise<void> => {
  for (const [pool, ofPool] of groupBy(damaged, ({ item }) => item.pool))
    for (let first = 0; first < ofPool.length; first += MOST_TOGETHER)
      await expireTogether(pool, ofPool.slice(first, first + MOST_TOGETHER), deps);
};

/** Ends what waits long past its deadline, and lets wait again what is said to run and does not. */
export const healRequests = async (found: readonly RequestItem[], deps: ReconcileDeps): Promise<void> => {
  if (found.length === 0) return;
  const damaged: Damaged[] = [];
  for (const one of await judgeAgain(found, deps)) damaged.push(await putBack(one, deps));
  await expire(
    damaged.filter(({ repair }) => repair.expire),
    deps,
  );
};
