import { BANDS, laneQueue } from '../shared/contract/names.ts';
import type { Pool } from '../shared/contract/pools.ts';
import { PRIORITIES, type Priority } from '../shared/contract/priorities.ts';
import {
  type Condition,
  type Figure,
  HOUR,
  MINUTES_5,
  type Statistic,
  type Term,
} from './alarm-condition.ts';
import { listOf } from './list-of.ts';
import { awsMetric, type MetricOf } from './metric.ts';

export interface WatchedPool {
  readonly name: string;
  readonly pool: Pool;
  readonly metricOf: MetricOf;
  readonly queueNameOf: (name: string) => string;
  /** Of `alarm_threshold` and `alarm_evaluation_periods`. */
  readonly errors: { readonly threshold: number; readonly periods: number };
}

/** Minutes that the oldest request of a class may wait. */
export const LONGEST_WAIT_MINUTES: Readonly<Record<Priority, number>> = { high: 15, normal: 60, low: 1440 };

/** Of the quota, for an hour: with work waiting, more quota is the only thing that helps. */
const QUOTA_USE_PERCENT = 90;

const sum = (metric: Term['metric'], statistic: Statistic = 'Sum'): Term => ({ metric, statistic });

const lanesFigure = (
  { name, queueNameOf }: WatchedPool,
  metricName: 'ApproximateAgeOfOldestMessage' | 'ApproximateNumberOfMessagesVisible',
  priorities: readonly Priority[],
): Readonly<Record<string, Term>> =>
  Object.fromEntries(
    priorities.flatMap((priority) =>
      BANDS.map((band) => [
        `${priority}_${band.replace('-', '_')}`,
        {
          metric: awsMetric(metricName, {
            QueueName: queueNameOf(laneQueue({ pool: name, priority, band })),
          }),
          statistic: 'Maximum' as const,
        },
      ]),
    ),
  );

/** The age, in seconds, of the request of a class that waits longest. */
export const oldestWaiting = (watched: WatchedPool, priority: Priority): Figure => {
  const terms = lanesFigure(watched, 'ApproximateAgeOfOldestMessage', [priority]);
  return { expression: `MAX(${listOf(terms)})`, label: `oldest ${priority}`, terms };
};

/**
 * 1 while requests wait and no call is made. A pool may never have made one: what is missing in a list adds nothing, while
 * nobody says that CloudWatch fills in for a figure that was never told.
 */
const standstill = (watched: WatchedPool): Figure => {
  const lanes = lanesFigure(watched, 'ApproximateNumberOfMessagesVisible', PRIORITIES);
  const calls = sum(watched.metricOf('ModelCalls', { pool: watched.name }));
  const made = `SUM(${listOf({ calls, ...lanes })}) - SUM(${listOf(lanes)})`;
  return {
    expression: `IF(MAX(${listOf(lanes)}) > 0 AND ${made} < 1, 1, 0)`,
    label: 'waiting without a call',
    terms: { ...lanes, calls },
  };
};

/** Per cent of the quota in force, of whichever limit is used most. */
export const quotaUse = ({ name, metricOf }: WatchedPool): Figure => ({
  expression: 'use * 60 / PERIOD(use)',
  label: '% of the quota',
  terms: { use: sum(metricOf('QuotaUse', { pool: name })) },
});

const errorConditions = (watched: WatchedPool): readonly Condition[] => {
  const { name, pool, metricOf, errors } = watched;
  const base = { ...errors, periodSeconds: MINUTES_5 };
  const native = { ModelId: pool.model_id };
  return [
    {
      ...base,
      name: `model-errors-${name}`,
      description: `Calls of the pool ${name} end in errors other than throttles. Look which codes the log names.`,
      section: 'model-errors',
      figure: sum(metricOf('ModelErrors', { pool: name })),
      isUnwell: false,
    },
    {
      ...base,
      name: `model-client-errors-${name}`,
      description: `Bedrock refuses calls of the model of the pool ${name}. Check access to the model, and what callers send.`,
      section: 'model-client-errors',
      figure: sum(awsMetric('InvocationClientErrors', native)),
      isUnwell: false,
    },
    {
      ...base,
      name: `model-server-errors-${name}`,
      description: `Bedrock itself fails at calls of the pool ${name}. They are tried again; look at AWS Health if it lasts.`,
      section: 'model-server-errors',
      figure: sum(awsMetric('InvocationServerErrors', native)),
      isUnwell: true,
    },
    {
      ...base,
      name: `model-throttles-${name}`,
      description: `Bedrock throttles the pool ${name}. Somebody else uses its quota, or the settings name one that is too large.`,
      section: 'model-throttles',
      figure: sum(metricOf('ModelThrottles', { pool: name })),
      isUnwell: false,
    },
  ];
};

const waitConditions = (watched: WatchedPool): readonly Condition[] =>
  PRIORITIES.map((priority) => ({
    name: `oldest-${priority}-${watched.name}`,
    description: `A request of priority ${priority} has waited for ${LONGEST_WAIT_MINUTES[priority]} minutes in the pool ${watched.name}. See whether calls are made and what limits them.`,
    section: 'oldest-waiting' as const,
    figure: oldestWaiting(watched, priority),
    threshold: 60 * LONGEST_WAIT_MINUTES[priority],
    periodSeconds: MINUTES_5,
    periods: 1,
    isUnwell: priority === 'high',
  }));

/** What is to be told of one pool. */
export const poolConditions = (watched: WatchedPool): readonly Condition[] => [
  ...errorConditions(watched),
  ...waitConditions(watched),
  {
    name: `no-progress-${watched.name}`,
    description: `Requests of the pool ${watched.name} wait and no call has been made for a quarter of an hour. See whether it is paused, whether its day's quota is spent, and what the drain logs.`,
    section: 'no-progress',
    figure: standstill(watched),
    threshold: 1,
    periodSeconds: MINUTES_5,
    periods: 3,
    isUnwell: true,
  },
  {
    name: `quota-use-${watched.name}`,
    description: `The pool ${watched.name} has used ${QUOTA_USE_PERCENT} % of its quota for an hour. If requests wait too long, ask for more quota or add a target.`,
    section: 'quota-use',
    figure: quotaUse(watched),
    threshold: QUOTA_USE_PERCENT,
    periodSeconds: HOUR,
    periods: 1,
    isUnwell: false,
  },
];
