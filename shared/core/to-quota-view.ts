import type { PoolReport, ReportedDimension, ReportedTarget } from '../contract/pool-report.ts';
import type { Pool } from '../contract/pools.ts';
import type { PoolQuota, QuotaDimension, TargetQuota } from '../contract/quota-view.ts';
import { dimensionsOf, type GovernedPool } from './governor/dimensions.ts';
import { governedPool, poolInForce, type QuotaInForce } from './quota/quota-in-force.ts';
import { type Target, targetsOf } from './targets/targets-of.ts';

export interface QuotaContext {
  readonly report: PoolReport | undefined;
  readonly nowMs: number;
  readonly maxConcurrent: number;
  readonly inForce: QuotaInForce;
  /** Of the deployment. */
  readonly region: string;
  /** By an operator. */
  readonly isPaused: boolean;
}

/** Owners tell every three seconds; one that was silent for so long has ended, and its calls with it. */
const LIVE_MS = 30_000;
const MINUTE_SECONDS = 60;
const DAY_SECONDS = 86_400;

export const windowSecondsOf = (name: string): number =>
  name.endsWith('_per_day') ? DAY_SECONDS : MINUTE_SECONDS;

interface Moment {
  readonly toldAtMs: number;
  readonly nowMs: number;
}

const toTime = (timeMs: number): string => new Date(timeMs).toISOString();

/** What was there, and what has refilled since it was told: until the bucket is full, not until the limit is. */
export const remainingOf = (
  { limit, level, per_second, full_at_ms }: ReportedDimension,
  at: Moment,
): number => {
  const untilMs = Math.max(at.toldAtMs, Math.min(at.nowMs, full_at_ms));
  return Math.round(Math.min(limit, level + (per_second * (untilMs - at.toldAtMs)) / 1000));
};

const toDimension = (dimension: ReportedDimension, sinceMs: number, nowMs: number): QuotaDimension => ({
  name: dimension.name,
  limit: dimension.limit,
  window_seconds: windowSecondsOf(dimension.name),
  held: sinceMs > LIVE_MS ? 0 : dimension.held,
  settled_last_minute: sinceMs > MINUTE_SECONDS * 1000 ? 0 : dimension.settled_last_minute,
  remaining: remainingOf(dimension, { toldAtMs: nowMs - sinceMs, nowMs }),
  multiplier: dimension.multiplier,
  resets_at: toTime(Math.max(nowMs, dimension.full_at_ms)),
});

const toLimits = ({
  source,
  granted,
  readAtMs,
  changedAtMs,
  othersPerMinute,
  warning,
}: QuotaInForce): PoolQuota['limits'] => ({
  source,
  granted,
  read_at: readAtMs === undefined ? null : toTime(readAtMs),
  changed_at: changedAtMs === undefined ? null : toTime(changedAtMs),
  others_tokens_per_minute: othersPerMinute ?? null,
  warning: warning ?? null,
});

/** Nobody owns it now: whoever does next goes by the limits as they are. */
const asNextOwner = (dimension: ReportedDimension, { limits }: QuotaInForce): ReportedDimension => ({
  ...dimension,
  limit: Object.entries(limits).find(([name]) => name === dimension.name)?.[1] ?? dimension.limit,
});

/** Nobody has ever drained it: everything is as configured, and free. */
const unused = (pool: GovernedPool, nowMs: number): readonly QuotaDimension[] =>
  dimensionsOf(pool).map(({ name, limit, size }) => ({
    name,
    limit,
    window_seconds: windowSecondsOf(name),
    held: 0,
    settled_last_minute: 0,
    remaining: Math.round(size),
    multiplier: 1,
    resets_at: toTime(nowMs),
  }));

const waitingOf = ({ staged, lanes }: PoolReport): PoolQuota['waiting'] => ({
  high: staged.high + lanes.high,
  normal: staged.normal + lanes.normal,
  low: staged.low + lanes.low,
});

const unusedTarget = (target: Target, nowMs: number) => ({
  state: 'idle' as const,
  paused_until: null,
  breaker: 'closed' as const,
  open_until: null,
  in_flight: 0,
  dimensions: [...unused(target, nowMs)],
});

const usedTarget = (told: ReportedTarget, sinceMs: number, nowMs: number) => ({
  state: sinceMs <= LIVE_MS ? told.state : ('idle' as const),
  paused_until: told.paused_until_ms > nowMs ? toTime(told.paused_until_ms) : null,
  // Its time may have passed since it was told.
  breaker: told.breaker === 'open' && told.open_until_ms <= nowMs ? ('probing' as const) : told.breaker,
  open_until: told.open_until_ms > nowMs ? toTime(told.open_until_ms) : null,
  in_flight: sinceMs <= LIVE_MS ? told.in_flight : 0,
  dimensions: told.dimensions.map((dimension) => toDimension(dimension, sinceMs, nowMs)),
});

/** Each of several targets; a pool that has one is told by itself. */
const targetsView = (
  pool: Pool,
  { report, nowMs, region, inForce }: QuotaContext,
): Pick<PoolQuota, 'targets'> => {
  const targets = targetsOf(poolInForce(pool, inForce));
  if (targets.length < 2) return {};
  return {
    targets: targets.map((target): TargetQuota => {
      const told = report?.targets.find(({ name }) => name === target.name);
      return {
        target: target.name,
        model: target.modelId,
        region: target.region ?? region,
        ...(report === undefined || told === undefined
          ? unusedTarget(target, nowMs)
          : usedTarget(told, Math.max(0, nowMs - report.at_ms), nowMs)),
      };
    }),
  };
};

/** A pool's quota as callers see it. */
export const toQuotaView = (name: string, pool: Pool, context: QuotaContext): PoolQuota => {
  const { report, nowMs, maxConcurrent, inForce, isPaused } = context;
  const identity = {
    pool: name,
    model: pool.model_id,
    paused_by_operator: isPaused,
    limits: toLimits(inForce),
    ...targetsView(pool, context),
  };
  if (report === undefined)
    return {
      ...identity,
      state: 'idle',
      paused_until: null,
      dimensions: [...unused(governedPool(pool, inForce), nowMs)],
      concurrency: {
        limit: maxConcurrent,
        most: maxConcurrent,
        in_flight: 0,
        binds_while_quota_is_free: false,
      },
      waiting: { high: 0, normal: 0, low: 0 },
      parked: 0,
      owner_epoch: null,
      as_of: null,
      age_seconds: null,
    };
  const sinceMs = Math.max(0, nowMs - report.at_ms);
  const isLive = sinceMs <= LIVE_MS;
  // Told of all targets together.
  const hasSeveral = (pool.targets ?? []).length > 0;
  const { limit, most, in_flight, binds_while_quota_is_free } = report.concurrency;
  return {
    ...identity,
    state: isLive ? report.state : 'idle',
    paused_until: report.paused_until_ms > nowMs ? toTime(report.paused_until_ms) : null,
    dimensions: report.dimensions.map((dimension) =>
      toDimension(isLive || hasSeveral ? dimension : asNextOwner(dimension, inForce), sinceMs, nowMs),
    ),
    concurrency: isLive
      ? { limit, most, in_flight, binds_while_quota_is_free }
      : { limit, most: maxConcurrent, in_flight: 0, binds_while_quota_is_free: false },
    waiting: isLive ? waitingOf(report) : { high: 0, normal: 0, low: 0 },
    parked: report.parked,
    owner_epoch: report.epoch,
    as_of: toTime(report.at_ms),
    age_seconds: Math.round(sinceMs / 1000),
  };
};
