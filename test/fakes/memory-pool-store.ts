import type { PoolReport } from '../../shared/contract/pool-report.ts';
import type { GovernorSnapshot } from '../../shared/core/governor/governor.ts';
import type { PoolReports } from '../../shared/ports/pool-reports.ts';
import type { Lease, PoolStore } from '../../shared/ports/pool-store.ts';

interface PoolState {
  epoch: number;
  leaseUntilMs: number;
  handOver: boolean;
  /** Epoch → when it began. */
  readonly live: Map<number, number>;
  snapshot: GovernorSnapshot | undefined;
  report: PoolReport | undefined;
}

/** A Lambda's longest life, and a minute. */
const LONGEST_LIFE_MS = 960_000;

const toLease = ({ epoch, live, snapshot }: PoolState): Lease => ({
  epoch,
  liveEpochs: [...live.keys()],
  snapshot,
});

export const createMemoryPoolStore = (): PoolStore & PoolReports => {
  const pools = new Map<string, PoolState>();
  const isFree = (state: PoolState, nowMs: number): boolean => state.leaseUntilMs <= nowMs || state.handOver;
  const stateOf = (pool: string): PoolState => {
    const known = pools.get(pool);
    const state = known ?? {
      epoch: 0,
      leaseUntilMs: 0,
      handOver: false,
      live: new Map<number, number>(),
      snapshot: undefined,
      report: undefined,
    };
    if (known === undefined) pools.set(pool, state);
    return state;
  };
  return {
    acquire: async (pool, nowMs, leaseMs) => {
      const state = stateOf(pool);
      if (!isFree(state, nowMs)) return undefined;
      for (const [epoch, beganAtMs] of state.live)
        if (beganAtMs + LONGEST_LIFE_MS < nowMs) state.live.delete(epoch);
      state.epoch += 1;
      state.leaseUntilMs = nowMs + leaseMs;
      state.handOver = false;
      state.live.set(state.epoch, nowMs);
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
      stateOf(pool).live.delete(epoch);
    },
    isHeld: async (pool, nowMs) => !isFree(stateOf(pool), nowMs),
    readReport: async (pool) => pools.get(pool)?.report,
    endAll: async (pool) => {
      const state = stateOf(pool);
      state.live.clear();
      state.leaseUntilMs = 0;
    },
  };
};
