import {
  type ByClass,
  MOST_NAMED_TENANTS,
  type PoolReport,
  type ReportedDimension,
  type ReportedTarget,
} from '../contract/pool-report.ts';
import { PRIORITIES, type Priority } from '../contract/priorities.ts';
import type { DimensionView, GovernorView, TargetView } from './governor/governor-view.ts';

/** What the owner of a pool knows beside its governor. */
export interface PoolFigures {
  readonly epoch: number;
  readonly staged: ByClass;
  readonly lanes: ByClass;
  readonly parked: number;
  readonly oldestMs: Readonly<Partial<Record<Priority, number>>>;
  readonly ended: ByClass;
  readonly endedOverMs: number;
  readonly pausedClasses?: readonly Priority[];
  readonly pausedTenants?: readonly string[];
  readonly spentTenants?: readonly string[];
}

/** Nobody reads more digits, and each costs a byte in every heartbeat. */
const round = (value: number): number => {
  const rounded = Math.round(value * 1000) / 1000;
  return Object.is(rounded, -0) ? 0 : rounded;
};

const toReported = (view: DimensionView): ReportedDimension => ({
  name: view.name,
  limit: view.limit,
  per_second: round(view.perSecond),
  multiplier: round(view.multiplier),
  level: round(view.level),
  held: round(view.held),
  settled_last_minute: round(view.settledLastMinute),
  full_at_ms: Math.round(view.fullAtMs),
  mean_charge: round(view.meanCharge),
});

const toReportedTarget = ({ name, breaker, openUntilMs, governor }: TargetView): ReportedTarget => ({
  name,
  state: governor.state,
  paused_until_ms: Math.round(governor.pausedUntilMs),
  breaker,
  open_until_ms: Math.round(openUntilMs),
  in_flight: governor.concurrency.inFlight,
  latency_ms: round(governor.learned.latencyMs),
  dimensions: governor.dimensions.map(toReported),
});

const firstTenants = (tenants: readonly string[] = []): string[] => tenants.slice(0, MOST_NAMED_TENANTS);

/** What the owner of a pool publishes with its heartbeat. */
export const toPoolReport = (figures: PoolFigures, view: GovernorView): PoolReport => ({
  epoch: figures.epoch,
  at_ms: view.atMs,
  staged: figures.staged,
  lanes: figures.lanes,
  parked: figures.parked,
  in_flight: view.concurrency.inFlight,
  oldest_ms: Object.fromEntries(
    PRIORITIES.flatMap((priority) =>
      figures.oldestMs[priority] === undefined ? [] : [[priority, figures.oldestMs[priority]]],
    ),
  ),
  ended: figures.ended,
  ended_over_ms: Math.round(figures.endedOverMs),
  state: view.state,
  paused_until_ms: Math.round(view.pausedUntilMs),
  latency_ms: round(view.learned.latencyMs),
  output_tokens: round(view.learned.outputTokens),
  input_ratio: round(view.learned.inputRatio),
  dimensions: view.dimensions.map(toReported),
  concurrency: {
    limit: round(view.concurrency.limit),
    most: view.concurrency.most,
    in_flight: view.concurrency.inFlight,
    others: view.concurrency.others,
    binds_while_quota_is_free: view.concurrency.bindsWhileQuotaIsFree,
  },
  targets: (view.targets ?? []).map(toReportedTarget),
  paused_classes: [...(figures.pausedClasses ?? [])],
  paused_tenants: firstTenants(figures.pausedTenants),
  spent_tenants: firstTenants(figures.spentTenants),
});
