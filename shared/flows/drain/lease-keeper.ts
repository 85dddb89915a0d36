import type { PoolReport } from '../../contract/pool-report.ts';
import type { GovernorSnapshot } from '../../core/governor/governor.ts';
import type { Lease } from '../../ports/pool-store.ts';
import type { DrainDeps } from './drain-deps.ts';
import { CLAIM_MARGIN_MS, HEARTBEAT_MS, LEASE_MS } from './drain-timing.ts';

export interface LeaseKeeper {
  readonly epoch: number;
  liveEpochs(): readonly number[];
  /** Whether the lease certainly still holds, by a clock that does not jump. */
  mayClaim(): boolean;
  /** Another owner has taken over. */
  isLost(): boolean;
  /** Beats until stopped or lost. */
  run(signal: AbortSignal): Promise<void>;
}

export interface LeaseKeeperOptions {
  readonly pool: string;
  readonly lease: Lease;
  /** When the acquiring write was sent, by the monotonic clock. */
  readonly acquiredAtMs: number;
  readonly snapshot: () => GovernorSnapshot;
  readonly report: (epoch: number) => PoolReport;
  readonly readyToHandOver: () => boolean;
  readonly onLost: () => void;
}

type KeeperDeps = Pick<DrainDeps, 'clock' | 'pools' | 'telemetry'>;

export const createLeaseKeeper = (options: LeaseKeeperOptions, deps: KeeperDeps): LeaseKeeper => {
  const { clock, pools, telemetry } = deps;
  const { pool, lease } = options;
  let sentAtMs = options.acquiredAtMs;
  let liveEpochs = lease.liveEpochs;
  let lost = false;

  const beat = async (): Promise<void> => {
    const beatSentAtMs = clock.monotonicMs();
    try {
      const kept = await pools.heartbeat(pool, {
        epoch: lease.epoch,
        nowMs: clock.nowMs(),
        leaseMs: LEASE_MS,
        snapshot: options.snapshot(),
        report: options.report(lease.epoch),
        readyToHandOver: options.readyToHandOver(),
      });
      if (kept === undefined) {
        lost = true;
        options.onLost();
        return;
      }
      sentAtMs = beatSentAtMs;
      liveEpochs = kept.liveEpochs;
    } catch (error) {
      // The lease runs on; claims stop by themselves before it ends.
      telemetry.log('warn', 'heartbeat_failed', { pool, epoch: lease.epoch, error: String(error) });
    }
  };

  return {
    epoch: lease.epoch,
    liveEpochs: () => liveEpochs,
    mayClaim: () => !lost && clock.monotonicMs() - sentAtMs < LEASE_MS - CLAIM_MARGIN_MS,
    isLost: () => lost,
    run: async (signal) => {
      while (!signal.aborted && !lost) {
        await clock.sleep(HEARTBEAT_MS, signal);
        if (!signal.aborted) await beat();
      }
    },
  };
};
