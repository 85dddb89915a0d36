import { NO_CONTROLS } from '../../contract/controls.ts';
import { weightsOf } from '../../core/controls/weights-of.ts';
import { targetsOf } from '../../core/targets/targets-of.ts';
import { createCancelWatch } from '../batches/cancel-watch.ts';
import { createBell } from './bell.ts';
import { governorOf, schedulerOf } from './create-scheduling.ts';
import { GIVE_UP_BEFORE_END_MS, SETTLE_BEFORE_END_MS } from './drain-timing.ts';
import { drop } from './drop.ts';
import type { Staged } from './held-requests.ts';
import { createLeaseKeeper, type LeaseKeeper } from './lease-keeper.ts';
import { createOthers } from './other-owners.ts';
import type { Acquired, Owner } from './owner.ts';
import { createPoolReporter } from './pool-reporter.ts';
import { rememberAnswers } from './remember-answers.ts';
import { endQuestion } from './repeats.ts';
import type { Session } from './session.ts';
import { noteWaiting } from './set-tenants-right.ts';
import { createSettler } from './settler.ts';
import type { Settling } from './settling.ts';
import { createShelves } from './shelves.ts';
import { createSpending } from './spending.ts';
import { createStagingRoom } from './staging-room.ts';
import { follow, tellPause } from './steer.ts';
import { stopCanceledBatches } from './stop-canceled-batches.ts';
import { takeCancels } from './take-cancels.ts';

export type Base = Omit<Session, 'keeper'>;

/** Keeps a lease for a session that has none yet, or has let its earlier one go. */
export const keepLease = (base: Base, acquired: Acquired): LeaseKeeper => {
  const { deps, startedAtMs } = base;
  const handOverAtMs = startedAtMs + deps.settings.minutes_to_process * 60_000;
  return createLeaseKeeper(
    {
      pool: base.poolName,
      lease: acquired.lease,
      acquiredAtMs: acquired.sentAtMs,
      governor: base.governor,
      scheduler: base.scheduler,
      report: base.reporter.report,
      readyAtMs: handOverAtMs,
      readyToHandOver: () => base.wantsSuccessor || deps.clock.monotonicMs() >= handOverAtMs,
      onBeat: base.learn,
      onLost: base.bell.ring,
    },
    deps,
  );
};

/** Out of hand, whether written down or given up. */
const settled = (session: Session, ended: readonly Settling[]): void => {
  const staged = ended.flatMap(({ finished }) => session.held.get(finished.staged.id) ?? []);
  for (const one of staged) drop(session, one);
  const done = ended.filter(({ isDone }) => isDone);
  session.finished += done.length;
  void rememberAnswers(done, session.deps);
  session.reporter.ended(done.map(({ finished }) => finished.staged));
  session.deps.completions?.ended(done.map(({ finished }) => finished.staged.id));
  session.bell.ring();
  session.room.changed.ring();
};

export const createSession = (owner: Owner, acquired: Acquired): Session => {
  const { input, deps, pool, startedAtMs } = owner;
  const { lease } = acquired;
  const held = new Map<string, Staged>();
  const bell = createBell(deps.clock);
  const governor = governorOf(owner, lease);
  const weights = weightsOf(deps.settings, owner.controls);
  const shelves = createShelves(input.pool);
  const spending = createSpending(deps, (tenant) => tellPause(session, tenant));
  const learnOfOthers = createOthers(governor, deps.clock);
  const base: Base = {
    poolName: input.pool,
    pool,
    deps,
    startedAtMs,
    held,
    bell,
    governor,
    targets: targetsOf(pool),
    scheduler: schedulerOf(owner, lease, { governor, weights }),
    weights,
    granted: owner.granted,
    controls: NO_CONTROLS,
    reporter: createPoolReporter({ pool: input.pool, held, governor, shelves, spending }, deps),
    learn: (seen) => {
      learnOfOthers(seen);
      takeCancels(session, seen.cancels);
      void stopCanceledBatches(session);
    },
    settler: createSettler(
      {
        pool: input.pool,
        poolSettings: pool,
        giveUpAtMs: deps.clock.nowMs() + input.remainingMs() - GIVE_UP_BEFORE_END_MS,
        onEnd: (ended) => settled(session, ended),
        onCounted: (tenant, count) => noteWaiting(session, tenant, count),
      },
      deps,
    ),
    room: createStagingRoom({ held, places: deps.settings.queue_depth_threshold, clock: deps.clock }),
    shelves,
    spending,
    inherited: Object.values(lease.snapshot?.scheduler ?? {}).flatMap((saved) =>
      saved.map(([tenant]) => tenant),
    ),
    calls: new Map(),
    underWay: new Map(),
    callOver: (staged) => endQuestion(session, staged),
    cancels: new Set(),
    waitingOf: new Map(input.doubtedTenant === undefined ? [] : [[input.doubtedTenant, 1]]),
    isBatchCanceled: createCancelWatch(deps),
    functionEndsAtMs: deps.clock.nowMs() + input.remainingMs() - SETTLE_BEFORE_END_MS,
    isCanceling: false,
    isEndingMembers: false,
    suspect: undefined,
    suspects: [],
    wantsSuccessor: false,
    inFlight: 0,
    finished: 0,
  };
  const session: Session = Object.assign(base, { keeper: keepLease(base, acquired) });
  session.learn(lease);
  follow(session, owner.controls);
  return session;
};
