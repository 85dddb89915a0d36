import { lanesOf } from '../../contract/names.ts';
import { controlOf } from '../../core/controls/in-force.ts';
import { poolInForce, quotaInForce } from '../../core/quota/quota-in-force.ts';
import { lastUseIfAny } from '../quota/read-others-use.ts';
import { readQuotaIfAny } from '../quota/read-quota-if-any.ts';
import { createSession, keepLease } from './create-session.ts';
import { dispatch } from './dispatch.ts';
import type { DrainDeps } from './drain-deps.ts';
import { LEASE_MS, STOP_BEFORE_END_MS } from './drain-timing.ts';
import { finishCalls } from './finish-calls.ts';
import { hideMessages } from './hide-messages.ts';
import { isAtRest } from './is-at-rest.ts';
import type { Acquired, DrainInput, Owner } from './owner.ts';
import { putBackWaiting } from './put-back.ts';
import { retried } from './retried.ts';
import type { Session } from './session.ts';
import { setTenantsRight } from './set-tenants-right.ts';
import { shelvedIn } from './shelves.ts';
import { clearShelves, showShelved } from './show-shelved.ts';
import { isPoolPaused, isPriorityPaused, steer } from './steer.ts';
import { tellWaiting } from './wait-again.ts';
import { createLaneWatch, receiveFromLane, watchLane } from './watch-lanes.ts';
import { createParkedWatch, isWorthWaitingFor, receiveParked, watchParked } from './watch-parked.ts';

/**
 * Idle: nothing left to do. Handed over: a successor has the lease. Time: the function is about to end. Paused: an
 * operator has paused the pool.
 */
export type EndReason = 'idle' | 'handed_over' | 'time' | 'paused';

export type DrainOutcome =
  | { readonly kind: 'not_needed' }
  | { readonly kind: 'worked'; readonly reason: EndReason; readonly finished: number };

const LOOK_MS = 100;

/** Works until the lanes are quiet and nothing is in hand, or the lease is another's, or time is short. */
const work = async (session: Session, owner: Owner): Promise<EndReason> => {
  const { clock } = session.deps;
  const watches = lanesOf(session.poolName).map(createLaneWatch);
  const parked = createParkedWatch(session.poolName);
  let reason: EndReason | undefined;
  const stopped = (): boolean => reason !== undefined || session.keeper.isLost();
  const loops = [
    ...watches.map((watch) => watchLane(session, watch, stopped)),
    watchParked(session, parked, stopped),
    showShelved(session, stopped),
    dispatch(session, stopped),
  ];
  const isIdle = (): boolean =>
    session.held.size === 0 &&
    shelvedIn(session.shelves) === 0 &&
    [...watches, parked].every(({ emptyReceives }) => emptyReceives > 0) &&
    !isWorthWaitingFor(parked, clock.nowMs());
  while (reason === undefined) {
    await clock.sleep(LOOK_MS);
    if (session.keeper.isLost()) reason = 'handed_over';
    else if (owner.input.remainingMs() < STOP_BEFORE_END_MS) reason = 'time';
    else if (isPoolPaused(session)) reason = 'paused';
    else if (isIdle()) reason = 'idle';
  }
  session.bell.ring();
  session.room.changed.ring();
  // Receives that are under way may wait for two seconds more: the successor need not.
  if (reason === 'handed_over') await putBackWaiting(session);
  await Promise.all([...loops, clearShelves(session)]);
  // Receives that were under way may have hidden some more.
  await clearShelves(session);
  // A receive that was under way when the lanes looked quiet may have brought something.
  return reason === 'idle' && session.held.size > 0 ? work(session, owner) : reason;
};

/** Every queue once more, after the lease is free: whoever sent before that saw it held, and sent no wake. */
const pollOnceMore = async (session: Session): Promise<void> => {
  await Promise.all([
    ...lanesOf(session.poolName)
      .filter(({ priority }) => !isPriorityPaused(session, priority))
      .map((lane) => receiveFromLane(session, createLaneWatch(lane), { places: 10, waitSeconds: 1 })),
    receiveParked(session, createParkedWatch(session.poolName), 1),
  ]);
};

const workUnderLease = async (session: Session, owner: Owner): Promise<EndReason> => {
  const beating = new AbortController();
  const beats = Promise.all([
    session.keeper.run(beating.signal),
    session.reporter.run(beating.signal),
    steer(session, beating.signal),
  ]);
  try {
    return await work(session, owner);
  } finally {
    beating.abort();
    await beats;
  }
};

const acquire = async (pool: string, deps: DrainDeps): Promise<Acquired | undefined> => {
  const sentAtMs = deps.clock.monotonicMs();
  const lease = await deps.pools.acquire(pool, deps.clock.nowMs(), LEASE_MS);
  return lease === undefined ? undefined : { lease, sentAtMs };
};

const letLeaseGo = async (session: Session, reason: EndReason): Promise<void> => {
  const { keeper, poolName, deps } = session;
  if (reason === 'idle') await retried(deps, () => deps.pools.ended(poolName, keeper.epoch));
  const snapshot = keeper.snapshot();
  await retried(deps, () => deps.pools.release(poolName, keeper.epoch, snapshot));
};

/** Owns the pool while there is work; takes the lease back when something came while it was let go. */
const ownWhileNeeded = async (session: Session, owner: Owner): Promise<EndReason> => {
  for (;;) {
    const reason = await workUnderLease(session, owner);
    if (reason === 'handed_over') return reason;
    await letLeaseGo(session, reason);
    if (reason === 'time' || reason === 'paused') return reason;
    await pollOnceMore(session);
    if (session.held.size === 0) {
      await setTenantsRight(session);
      return reason;
    }
    const again = await acquire(session.poolName, session.deps);
    if (again === undefined) return 'handed_over';
    session.keeper = keepLease(session, again);
    session.learn(again.lease);
  }
};

/** Puts back what is not in flight, waits for what is, and settles it. */
const finishUp = async (session: Session, settling: Promise<void>): Promise<void> => {
  const { deps, settler } = session;
  const finishing = finishCalls(session);
  await putBackWaiting(session);
  await finishing;
  // A call that was throttled or failed meanwhile waits again.
  await putBackWaiting(session);
  settler.close();
  await settling;
  session.reporter.measureUse();
  await session.spending.close();
  await retried(deps, () => deps.pools.ended(session.poolName, session.keeper.epoch));
};

const drain = async (owner: Owner, acquired: Acquired): Promise<DrainOutcome> => {
  const { deps, input } = owner;
  const session = createSession(owner, acquired);
  const settling = session.settler.run();
  const hiding = new AbortController();
  const hidden = Promise.all([hideMessages(session, hiding.signal), tellWaiting(session, hiding.signal)]);
  let reason: EndReason;
  try {
    reason = await ownWhileNeeded(session, owner).finally(() => finishUp(session, settling));
  } finally {
    hiding.abort();
    await hidden;
  }
  deps.telemetry.log('info', 'drain_ended', { pool: input.pool, reason, finished: session.finished });
  deps.telemetry.flush();
  return { kind: 'worked', reason, finished: session.finished };
};

/** With the limits that are in force as it begins. */
const ownerOf = async (
  { input, deps, pool, controls }: Omit<Owner, 'granted' | 'startedAtMs'>,
  { sentAtMs }: Acquired,
): Promise<Owner> => {
  const [reading, use] = await Promise.all([
    readQuotaIfAny(input.pool, pool, deps),
    lastUseIfAny(input.pool, pool, deps),
  ]);
  const override = controlOf(controls, 'pool', input.pool)?.quota;
  const owned = poolInForce(pool, quotaInForce(pool, { reading, use, override }));
  return { input, deps, pool: owned, granted: { pool, reading, use }, controls, startedAtMs: sentAtMs };
};

/** Drains one pool into the model, if nobody else does. */
export const createDrainPool =
  (deps: DrainDeps) =>
  async (input: DrainInput): Promise<DrainOutcome> => {
    const { models } = deps.settings;
    const pool = Object.hasOwn(models, input.pool) ? models[input.pool] : undefined;
    if (pool === undefined) {
      deps.telemetry.log('error', 'unknown_pool', { pool: input.pool });
      return { kind: 'not_needed' };
    }
    if (input.isTick === true && (await isAtRest(input.pool, deps))) return { kind: 'not_needed' };
    // Whether anything may run is known before anything is taken: what cannot be read is no permission.
    const controls = await deps.controls.read();
    if (controlOf(controls, 'pool', input.pool)?.paused === true) return { kind: 'not_needed' };
    const acquired = await acquire(input.pool, deps);
    if (acquired === undefined) return { kind: 'not_needed' };
    return drain(await ownerOf({ input, deps, pool, controls }, acquired), acquired);
  };
