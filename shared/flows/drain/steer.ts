import type { Control, Controls } from '../../contract/controls.ts';
import type { HeldRequest } from '../../contract/messages.ts';
import { PRIORITIES, type Priority } from '../../contract/priorities.ts';
import { MEASURED } from '../../contract/quota-settings.ts';
import { controlOf, pauseOf } from '../../core/controls/in-force.ts';
import { weightsOf } from '../../core/controls/weights-of.ts';
import { quotaInForce } from '../../core/quota/quota-in-force.ts';
import { readOthersUse } from '../quota/read-others-use.ts';
import { HEARTBEAT_MS } from './drain-timing.ts';
import { drop } from './drop.ts';
import type { Staged } from './held-requests.ts';
import { showAgain } from './put-back.ts';
import type { Session } from './session.ts';
import { unclaim } from './unclaim.ts';

/** Whoever has spent what it may waits as if it were paused. */
const spentPauseOf = ({ spending }: Session, tenant: string): Control | undefined => {
  const sinceMs = spending.spentSinceMs(tenant);
  if (sinceMs === undefined) return undefined;
  const reason = 'the tenant has spent what it may';
  return { kind: 'tenant', name: tenant, paused: true, reason, changed_at_ms: sinceMs, changed_by: 'budget' };
};

/** What keeps a request of this pool back, if anything does. */
export const pauseOfHeld = (session: Session, { tenant, priority }: HeldRequest): Control | undefined =>
  pauseOf(session.controls, { pool: session.poolName, tenant, priority }) ?? spentPauseOf(session, tenant);

export const isPoolPaused = ({ controls, poolName }: Session): boolean =>
  controlOf(controls, 'pool', poolName)?.paused === true;

/** Its lanes are left alone: what lies there waits without costing anything. */
export const isPriorityPaused = ({ controls }: Session, priority: Priority): boolean =>
  controlOf(controls, 'priority', priority)?.paused === true;

const tenantsPaused = ({ controls }: Controls): readonly string[] =>
  controls.flatMap(({ kind, name, paused }) => (kind === 'tenant' && paused ? [name] : []));

/** Nothing of them is sent from now on, also of what comes back from a call that was refused. */
const setPauses = (session: Session, next: Controls): void => {
  const { scheduler, spending, controls: before } = session;
  const after = tenantsPaused(next);
  for (const tenant of new Set([...tenantsPaused(before), ...after]))
    scheduler.setPaused({ tenant }, after.includes(tenant) || spending.isHeld(tenant));
  for (const priority of PRIORITIES)
    scheduler.setPaused({ priority }, controlOf(next, 'priority', priority)?.paused === true);
};

/** A tenant has come to its limit, or has means again. */
export const tellPause = ({ scheduler, spending, controls, bell }: Session, tenant: string): void => {
  const isPaused = controlOf(controls, 'tenant', tenant)?.paused === true;
  scheduler.setPaused({ tenant }, isPaused || spending.isHeld(tenant));
  bell.ring();
};

const setWeights = ({ weights, deps }: Session, next: Controls): void => {
  const all = weightsOf(deps.settings, next);
  for (const tenant of Object.keys(weights)) if (!Object.hasOwn(all, tenant)) delete weights[tenant];
  Object.assign(weights, all);
};

const setQuota = (session: Session, next: Controls): void => {
  const { governor, granted, poolName, deps } = session;
  const override = controlOf(next, 'pool', poolName)?.quota;
  const { limits } = quotaInForce(granted.pool, { ...granted, override });
  governor.setQuota(limits, deps.clock.nowMs());
};

/** As they are from now on. */
export const follow = (session: Session, next: Controls): void => {
  setPauses(session, next);
  setWeights(session, next);
  setQuota(session, next);
  session.controls = next;
  session.bell.ring();
  session.room.changed.ring();
};

/** Out of hand, so that it takes no place, and keeps no drain awake, while it may not run. */
const layDown = async (session: Session): Promise<void> => {
  const isWaiting = ({ phase }: Staged): boolean => phase === 'waiting' || phase === 'backing_off';
  const paused = [...session.held.values()].filter(
    (staged) => isWaiting(staged) && pauseOfHeld(session, staged.held) !== undefined,
  );
  for (const staged of paused) {
    session.scheduler.remove(staged);
    drop(session, staged);
  }
  await Promise.all(paused.map((staged) => unclaim(session, staged)));
  await showAgain(
    session,
    paused.flatMap(({ receipts }) => receipts),
    0,
  );
  if (paused.length > 0) session.room.changed.ring();
};

/** What others use is looked at meanwhile, so that no drain begins later for it. */
const followUse = async (session: Session): Promise<void> => {
  const { granted, poolName, deps } = session;
  if (granted.pool.headroom !== MEASURED) return;
  const use = await readOthersUse(poolName, granted.pool, granted.use, deps);
  if (use === granted.use) return;
  session.granted = { ...granted, use };
  setQuota(session, session.controls);
};

/** Follows what operators set, with each heartbeat; while that cannot be read, it stays as it was. */
export const steer = async (session: Session, signal: AbortSignal): Promise<void> => {
  const { clock, controls: store, telemetry } = session.deps;
  while (!signal.aborted) {
    await session.spending.beat();
    try {
      const next = await store.read();
      if (next.version !== session.controls.version) {
        follow(session, next);
        telemetry.log('info', 'controls_followed', { pool: session.poolName, version: next.version });
      }
      await layDown(session);
      await followUse(session);
    } catch (error) {
      telemetry.log('warn', 'controls_not_read', { pool: session.poolName, error: String(error) });
    }
    await clock.sleep(HEARTBEAT_MS, signal);
  }
};
