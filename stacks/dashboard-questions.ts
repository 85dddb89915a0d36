import { DAMAGE_NAMES } from '../shared/contract/damages.ts';
import { BANDS, laneQueue } from '../shared/contract/names.ts';
import { PRIORITIES } from '../shared/contract/priorities.ts';
import type { Statistic, Term } from './alarm-condition.ts';
import type { Graph, Line, Question } from './constructs/dashboard.ts';
import { awsMetric, type Metric, type MetricOf } from './metric.ts';
import { spendFigure } from './platform-conditions.ts';
import { oldestWaiting, quotaUse, type WatchedPool } from './pool-conditions.ts';

export interface Shown {
  readonly pools: readonly WatchedPool[];
  readonly functions: readonly { readonly id: string; readonly name: string }[];
  readonly deadLetterQueues: readonly string[];
  readonly apiId: string;
  readonly metricOf: MetricOf;
}

const lineOf = (label: string, metric: Metric, statistic: Statistic = 'Sum'): Line => ({
  label,
  figure: { metric, statistic },
});

/** A value of every 2nd, and of every 20th, at most. */
const percentiles = (label: string, metric: Metric): readonly Line[] =>
  ['p50', 'p95'].map((statistic) => ({
    label: `${label} ${statistic}`,
    statistic,
    figure: { metric, statistic: 'Average' },
  }));

const graph = (title: string, lines: readonly Line[]): Graph => ({ title, lines });

const waiting = ({ name, queueNameOf }: WatchedPool): readonly Line[] =>
  PRIORITIES.map((priority) => {
    const terms: Record<string, Term> = Object.fromEntries(
      BANDS.map((band) => [
        band.replace('-', '_'),
        {
          metric: awsMetric('ApproximateNumberOfMessagesVisible', {
            QueueName: queueNameOf(laneQueue({ pool: name, priority, band })),
          }),
          statistic: 'Maximum',
        },
      ]),
    );
    const label = `${name} ${priority}`;
    return { label, figure: { expression: `SUM([${Object.keys(terms).join(', ')}])`, label, terms } };
  });

const ofPools = ({ pools, metricOf }: Shown): readonly Question[] => [
  {
    question: 'Does everything that is accepted get answered?',
    graphs: [
      graph('Accepted and refused', [
        ...(['http', 'queue'] as const).flatMap((door) => [
          lineOf(`accepted, ${door}`, metricOf('RequestsAccepted', { door })),
          lineOf(`refused, ${door}`, metricOf('RequestsRefused', { door })),
        ]),
        lineOf('unreadable', metricOf('UnreadableMessages', {})),
      ]),
      graph(
        'Succeeded',
        pools.map(({ name }) => lineOf(name, metricOf('RequestsSucceeded', { pool: name }))),
      ),
      graph('Waiting', pools.flatMap(waiting)),
    ],
  },
  {
    question: 'How long do requests wait?',
    graphs: [
      graph(
        'Wait in ms',
        pools.flatMap(({ name }) => percentiles(name, metricOf('RequestWait', { pool: name }))),
      ),
      graph(
        'Oldest waiting, in s',
        pools.flatMap((pool) =>
          PRIORITIES.map((priority) => ({
            label: `${pool.name} ${priority}`,
            figure: oldestWaiting(pool, priority),
          })),
        ),
      ),
    ],
  },
  {
    question: 'Is the quota used, without throttles?',
    graphs: [
      graph(
        '% of the quota in force',
        pools.map((pool) => ({ label: pool.name, figure: quotaUse(pool) })),
      ),
      graph(
        'Calls and throttles',
        pools.flatMap(({ name }) => [
          lineOf(`${name} calls`, metricOf('ModelCalls', { pool: name })),
          lineOf(`${name} throttles`, metricOf('ModelThrottles', { pool: name })),
          lineOf(`${name} changes of the quota`, metricOf('QuotaChanges', { pool: name })),
        ]),
      ),
      graph(
        'Tokens',
        pools.flatMap(({ name }) => [
          lineOf(`${name} input`, metricOf('InputTokens', { pool: name })),
          lineOf(`${name} output`, metricOf('OutputTokens', { pool: name })),
        ]),
      ),
    ],
  },
];

const ofFaults = ({ pools, deadLetterQueues, metricOf }: Shown): readonly Question[] => [
  {
    question: 'Is the model well, and what does it cost?',
    graphs: [
      graph(
        'Errors of calls',
        pools.map(({ name }) => lineOf(name, metricOf('ModelErrors', { pool: name }))),
      ),
      graph(
        'Latency in ms',
        pools.flatMap(({ name }) => percentiles(name, metricOf('ModelLatency', { pool: name }))),
      ),
      graph('US dollars a minute', [
        {
          label: 'all pools',
          figure: spendFigure(
            pools.map(({ name }) => name),
            metricOf,
          ),
        },
      ]),
      graph(
        'Dead letters',
        deadLetterQueues.map((QueueName) =>
          lineOf(QueueName, awsMetric('ApproximateNumberOfMessagesVisible', { QueueName }), 'Maximum'),
        ),
      ),
      graph(
        'Found by the reconciler, and healed',
        DAMAGE_NAMES.map((damage) => lineOf(damage, metricOf('DamageHealed', { damage }))),
      ),
    ],
  },
];

const ofMachines = ({ functions, apiId: ApiId }: Shown): readonly Question[] => [
  {
    question: 'Are the functions and the API well?',
    graphs: [
      graph(
        'Errors and throttles of functions',
        functions.flatMap(({ id, name: FunctionName }) => [
          lineOf(`${id} errors`, awsMetric('Errors', { FunctionName })),
          lineOf(`${id} throttles`, awsMetric('Throttles', { FunctionName })),
        ]),
      ),
      graph(
        'Functions at work',
        functions.map(({ id, name: FunctionName }) =>
          lineOf(id, awsMetric('ConcurrentExecutions', { FunctionName }), 'Maximum'),
        ),
      ),
      graph('API', [
        lineOf('requests', awsMetric('Count', { ApiId })),
        lineOf('4xx', awsMetric('4xx', { ApiId })),
        lineOf('5xx', awsMetric('5xx', { ApiId })),
      ]),
      graph('Latency of the API in ms', percentiles('', awsMetric('Latency', { ApiId }))),
    ],
  },
];

/** The dashboard, by what somebody who opens it wants to know. */
export const questionsOf = (shown: Shown): readonly Question[] => [
  ...ofPools(shown),
  ...ofFaults(shown),
  ...ofMachines(shown),
];
