import type { PoolReport } from '../../contract/pool-report.ts';
import type { GovernorSnapshot } from '../../core/governor/governor.ts';
import type { Lease } from '../../ports/pool-store.ts';
import type { DrainDeps } from './drain-deps.ts';
import { CLAIM_MARGIN_MS, HEARTBEAT_MS, LEASE_MS, MOVING_HEARTBEAT_MS } from './drain-timing.ts';

export interface LeaseKeeper {
  readonly epoch: number;
  /** As the last heartbeat found it. */
  lease(): Lease;
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
  /** With each heartbeat that came through. */
  readonly onBeat: (lease: Lease) => void;
  readonly onLost: () => void;
}

type KeeperDeps = Pick<DrainDeps, 'clock' | 'pools' | 'telemetry'>;

export const createLeaseKeeper = (options: LeaseKeeperOptions, deps: KeeperDeps): LeaseKeeper => {
  const { clock, pools, telemetry } = deps;
  const { pool } = options;
  const { epoch } = options.lease;
  let sentAtMs = options.acquiredAtMs;
  let lease = options.lease;
  let lost = false;

  const beat = async (): Promise<void> => {
    const beatSentAtMs = clock.monotonicMs();
    try {
      const kept = await pools.heartbeat(pool, {
        epoch,
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
      lease = kept;
      options.onBeat(lease);
    } catch (error) {
      // The lease runs on; claims stop by themselves before it ends.
      telemetry.log('warn', 'heartbeat_failed', { pool, epoch, error: String(error) });
    }
  };

  /** Ready to hand over, or just taken over: owners should notice each other soon. */
  const isMoving = (): boolean => options.readyToHandOver() || lease.liveEpochs.length > 1;

  return {
    epoch,
    lease: () => lease,
    mayClaim: () => !lost && clock.monotonicMs() - sentAtMs < LEASE_MS - CLAIM_MARGIN_MS,
    isLost: () => lost,
    run: async (signal) => {
      while (!signal.aborted && !lost) {
        await clock.sleep(isMoving() ? MOVING_HEARTBEAT_MS : HEARTBEAT_MS, signal);
        if (!signal.aborted) await beat();
      }
    },
  };
};
