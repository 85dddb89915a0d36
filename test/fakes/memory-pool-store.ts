import type { PoolReport } from '../../shared/contract/pool-report.ts';
import type { GovernorSnapshot } from '../../shared/core/governor/governor.ts';
import type { OwnerReport } from '../../shared/core/governor/owner-report.ts';
import { MOST_CANCELS, type PoolBoard } from '../../shared/ports/pool-board.ts';
import type { PoolReports } from '../../shared/ports/pool-reports.ts';
import type { Lease, PoolStore } from '../../shared/ports/pool-store.ts';

interface Owner {
  readonly beganAtMs: number;
  isFallen: boolean;
  suspect: string | undefined;
  report: OwnerReport | undefined;
}

interface PoolState {
  epoch: number;
  leaseUntilMs: number;
  handOver: boolean;
  readonly owners: Map<number, Owner>;
  readonly cancels: Set<string>;
  snapshot: GovernorSnapshot | undefined;
  report: PoolReport | undefined;
}

/** A Lambda's longest life, and a minute. */
const LONGEST_LIFE_MS = 960_000;
const MOST_FALLEN = 20;

const newPool = (): PoolState => ({
  epoch: 0,
  leaseUntilMs: 0,
  handOver: false,
  owners: new Map(),
  cancels: new Set(),
  snapshot: undefined,
  report: undefined,
});

const toLease = ({ epoch, owners, cancels, snapshot }: PoolState): Lease => {
  const all = [...owners];
  return {
    epoch,
    liveEpochs: all.filter(([, { isFallen }]) => !isFallen).map(([of]) => of),
    fallenEpochs: all.filter(([, { isFallen }]) => isFallen).map(([of]) => of),
    suspects: Object.fromEntries(
      all.flatMap(([of, { suspect }]) => (suspect === undefined ? [] : [[of, suspect]])),
    ),
    reports: all.flatMap(([of, { report, isFallen }]) =>
      of === epoch || isFallen || report === undefined ? [] : [report],
    ),
    cancels: [...cancels],
    snapshot,
  };
};

const fell = (state: PoolState, hasFallen: (owner: Owner) => boolean): void => {
  for (const owner of state.owners.values()) if (hasFallen(owner)) owner.isFallen = true;
  const fallen = [...state.owners].filter(([, { isFallen }]) => isFallen).map(([epoch]) => epoch);
  for (const epoch of fallen.slice(0, -MOST_FALLEN)) state.owners.delete(epoch);
};

/** All three ports on one item, as in the table. */
export const createMemoryPoolStore = (): PoolStore & PoolBoard & PoolReports => {
  const pools = new Map<string, PoolState>();
  const isFree = (state: PoolState, nowMs: number): boolean => state.leaseUntilMs <= nowMs || state.handOver;
  const stateOf = (pool: string): PoolState => {
    const state = pools.get(pool) ?? newPool();
    pools.set(pool, state);
    return state;
  };
  return {
    acquire: async (pool, nowMs, leaseMs) => {
      const state = stateOf(pool);
      if (!isFree(state, nowMs)) return undefined;
      fell(state, ({ beganAtMs }) => beganAtMs + LONGEST_LIFE_MS < nowMs);
      state.epoch += 1;
      state.leaseUntilMs = nowMs + leaseMs;
      state.handOver = false;
      const owner = { beganAtMs: nowMs, isFallen: false, suspect: undefined, report: undefined };
      state.owners.set(state.epoch, owner);
      return toLease(state);
    },
    heartbeat: async (pool, { epoch, nowMs, leaseMs, snapshot, readyToHandOver, report }) => {
      const state = stateOf(pool);
      if (state.epoch !== epoch) return undefined;
      state.leaseUntilMs = nowMs + leaseMs;
      state.snapshot = snapshot;
      state.handOver = readyToHandOver;
      state.report = report ?? state.report;
      return toLease(state);
    },
    release: async (pool, epoch, snapshot) => {
      const state = stateOf(pool);
      if (state.epoch !== epoch) return;
      state.leaseUntilMs = 0;
      state.snapshot = snapshot;
    },
    ended: async (pool, epoch) => {
      stateOf(pool).owners.delete(epoch);
    },
    isHeld: async (pool, nowMs) => !isFree(stateOf(pool), nowMs),
    readReport: async (pool) => pools.get(pool)?.report,
    endAll: async (pool) => {
      const state = stateOf(pool);
      fell(state, () => true);
      state.leaseUntilMs = 0;
    },
    report: async (pool, report) => {
      const owner = stateOf(pool).owners.get(report.epoch);
      if (owner !== undefined) owner.report = report;
    },
    suspect: async (pool, epoch, requestId) => {
      const owner = stateOf(pool).owners.get(epoch);
      if (owner !== undefined) owner.suspect = requestId;
    },
    askToCancel: async (pool, requestId) => {
      const known = pools.get(pool);
      if (known === undefined || (!known.cancels.has(requestId) && known.cancels.size >= MOST_CANCELS))
        return false;
      known.cancels.add(requestId);
      return true;
    },
    readCancels: async (pool) => [...(pools.get(pool)?.cancels ?? [])],
    canceled: async (pool, requestIds) => {
      for (const id of requestIds) stateOf(pool).cancels.delete(id);
    },
  };
};
