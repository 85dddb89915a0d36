import type { PoolReport } from '../../contract/pool-report.ts';
import type { Governor, GovernorSnapshot, SchedulerSnapshot } from '../../core/governor/governor.ts';
import type { Lease } from '../../ports/pool-store.ts';
import type { DrainDeps } from './drain-deps.ts';
import {
  CLAIM_MARGIN_MS,
  HEARTBEAT_MS,
  LEASE_MS,
  MOVE_MS,
  MOVING_HEARTBEAT_MS,
  REPORT_MS,
} from './drain-timing.ts';

export interface LeaseKeeper {
  readonly epoch: number;
  /** As the last heartbeat found it. */
  lease(): Lease;
  /** Whether the lease certainly still holds, by a clock that does not jump. */
  mayClaim(): boolean;
  /** Another owner has taken over. */
  isLost(): boolean;
  /** The governor's, in the name of this lease. */
  snapshot(): GovernorSnapshot;
  /** Tells other owners what this one has under way. */
  tellOthers(): Promise<void>;
  /** Beats until stopped or lost. */
  run(signal: AbortSignal): Promise<void>;
}

export interface LeaseKeeperOptions {
  readonly pool: string;
  readonly lease: Lease;
  /** When the acquiring write was sent, by the monotonic clock. */
  readonly acquiredAtMs: number;
  readonly scheduler: { readonly snapshot: () => SchedulerSnapshot };
  readonly report: (epoch: number) => PoolReport;
  readonly governor: Pick<Governor, 'snapshot' | 'remaining'>;
  readonly readyToHandOver: () => boolean;
  /** By the monotonic clock, when it will be ready in any case. */
  readonly readyAtMs: number;
  /** With each heartbeat that came through. */
  readonly onBeat: (lease: Lease) => void;
  readonly onLost: () => void;
}

type KeeperDeps = Pick<DrainDeps, 'clock' | 'pools' | 'board' | 'telemetry'>;

export const createLeaseKeeper = (options: LeaseKeeperOptions, deps: KeeperDeps): LeaseKeeper => {
  const { clock, pools, telemetry } = deps;
  const { pool, governor } = options;
  const { epoch } = options.lease;
  let sentAtMs = options.acquiredAtMs;
  let lease = options.lease;
  let lost = false;

  /** The governor began under an earlier lease when this one was let go and taken back. */
  const snapshot = (): GovernorSnapshot => {
    const taken = { ...governor.snapshot(clock.nowMs()), scheduler: options.scheduler.snapshot() };
    return taken.owner === undefined ? taken : { ...taken, owner: { ...taken.owner, epoch } };
  };

  const tellOthers = async (): Promise<void> => {
    try {
      await deps.board.report(pool, { ...governor.remaining(clock.nowMs()), epoch });
    } catch (error) {
      telemetry.log('warn', 'report_failed', { pool, epoch, error: String(error) });
    }
  };

  const beat = async (): Promise<void> => {
    const beatSentAtMs = clock.monotonicMs();
    try {
      const kept = await pools.heartbeat(pool, {
        epoch,
        nowMs: clock.nowMs(),
        leaseMs: LEASE_MS,
        snapshot: snapshot(),
        report: options.report(epoch),
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
  const isMoving = (): boolean =>
    options.readyToHandOver() ||
    (lease.liveEpochs.length > 1 && clock.monotonicMs() - options.acquiredAtMs < MOVE_MS);

  const untilNextMs = (): number => {
    if (isMoving()) return MOVING_HEARTBEAT_MS;
    const periodMs = lease.reports.length > 0 ? REPORT_MS : HEARTBEAT_MS;
    return Math.max(MOVING_HEARTBEAT_MS, Math.min(periodMs, options.readyAtMs - clock.monotonicMs()));
  };

  return {
    epoch,
    lease: () => lease,
    mayClaim: () => !lost && clock.monotonicMs() - sentAtMs < LEASE_MS - CLAIM_MARGIN_MS,
    isLost: () => lost,
    snapshot,
    tellOthers,
    run: async (signal) => {
      while (!signal.aborted && !lost) {
        await clock.sleep(untilNextMs(), signal);
        if (signal.aborted) return;
        await beat();
        // Whoever follows begins with what it finds here, and need not guess what was sent since the snapshot.
        if (!lost && options.readyToHandOver()) await tellOthers();
      }
    },
  };
};
