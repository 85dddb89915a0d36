import { LOSSES } from '../shared/contract/damages.ts';
import { QUEUES } from '../shared/contract/names.ts';
import { type Condition, type Figure, HOUR, MINUTES_5, type Term } from './alarm-condition.ts';
import { listOf } from './list-of.ts';
import { awsMetric, type MetricOf } from './metric.ts';

const once = { periodSeconds: MINUTES_5, periods: 1 } as const;

export const deadLetterCondition = (id: string, QueueName: string): Condition => ({
  ...once,
  name: `not-empty-${id}`,
  description: `Dead letters wait in ${QueueName}. Read why, mend it, and send them back.`,
  section: 'dead-letters',
  figure: { metric: awsMetric('ApproximateNumberOfMessagesVisible', { QueueName }), statistic: 'Maximum' },
  threshold: 1,
  isUnwell: true,
});

/** Ingestion takes messages within a second: whoever sends them is told nothing until then. */
const OLDEST_INPUT_MINUTES = 15;

export const inputCondition = (QueueName: string): Condition => ({
  ...once,
  name: `oldest-${QUEUES.input}`,
  description: `A message has waited for ${OLDEST_INPUT_MINUTES} minutes in ${QueueName}. See whether ingestion fails, is throttled, or is sent more than it can take.`,
  section: 'oldest-input',
  figure: { metric: awsMetric('ApproximateAgeOfOldestMessage', { QueueName }), statistic: 'Maximum' },
  threshold: 60 * OLDEST_INPUT_MINUTES,
  isUnwell: true,
});

export interface WatchedFunction {
  /** Within the deployment, and the real one. */
  readonly id: string;
  readonly name: string;
  readonly timeoutSeconds: number;
}

/** Of the time after which Lambda ends a function. */
const NEAR_THE_LIMIT = 0.95;

export const functionConditions = ({ id, name, timeoutSeconds }: WatchedFunction): readonly Condition[] => {
  const dimensions = { FunctionName: name };
  return [
    {
      ...once,
      name: `function-errors-${id}`,
      description: `The function ${name} ends in errors. Its log says why.`,
      section: 'function-errors',
      figure: { metric: awsMetric('Errors', dimensions), statistic: 'Sum' },
      threshold: 1,
      isUnwell: true,
    },
    {
      ...once,
      name: `function-throttles-${id}`,
      description: `Lambda has no place for ${name}. Raise the account's limit of concurrent executions, or what is reserved.`,
      section: 'function-throttles',
      figure: { metric: awsMetric('Throttles', dimensions), statistic: 'Sum' },
      threshold: 1,
      isUnwell: true,
    },
    {
      ...once,
      name: `function-duration-${id}`,
      description: `The function ${name} took nearly the ${timeoutSeconds} s after which Lambda ends it. See what it waited for.`,
      section: 'function-duration',
      figure: { metric: awsMetric('Duration', dimensions), statistic: 'Maximum' },
      threshold: Math.round(NEAR_THE_LIMIT * timeoutSeconds * 1000),
      isUnwell: false,
    },
  ];
};

/** Requests in five minutes below which a share says nothing. */
const FEW_REQUESTS = 20;

const shareOf = (failed: '4xx' | '5xx', ApiId: string): Figure => ({
  expression: `IF(count >= ${FEW_REQUESTS}, 100 * failed / count, 0)`,
  label: `% answered ${failed}`,
  terms: {
    count: { metric: awsMetric('Count', { ApiId }), statistic: 'Sum' },
    failed: { metric: awsMetric(failed, { ApiId }), statistic: 'Sum' },
  },
});

export const apiConditions = (apiId: string): readonly Condition[] => [
  {
    ...once,
    name: 'api-4xx',
    description:
      'Half of what is asked over HTTP is refused. A caller is broken, or has no leave, or comes too fast.',
    section: 'api-4xx',
    figure: shareOf('4xx', apiId),
    threshold: 50,
    isUnwell: false,
  },
  {
    ...once,
    name: 'api-5xx',
    description: 'The API answers with faults of its own. The log of the function behind it says why.',
    section: 'api-5xx',
    figure: { metric: awsMetric('5xx', { ApiId: apiId }), statistic: 'Sum' },
    threshold: 1,
    isUnwell: true,
  },
];

/** Of what the reconciler heals, that which means that a request got stuck: counts that leak do so with any crash. */
export const lossCondition = (metricOf: MetricOf): Condition => {
  const terms: Record<string, Term> = Object.fromEntries(
    LOSSES.map((damage) => [damage, { metric: metricOf('DamageHealed', { damage }), statistic: 'Sum' }]),
  );
  return {
    name: 'requests-lost',
    description:
      'The reconciler found requests or batches that nothing would have brought to an end, and healed them. Its log names them; see where their messages went.',
    section: 'damage',
    figure: { expression: `SUM(${listOf(terms)})`, label: 'found and healed', terms },
    threshold: 1,
    periodSeconds: HOUR,
    periods: 1,
    isUnwell: false,
  };
};

/** US dollars for model calls, of all pools that have prices. */
export const spendFigure = (pools: readonly string[], metricOf: MetricOf): Figure => {
  const terms: Record<string, Term> = Object.fromEntries(
    pools.map((pool, index) => [
      `spent_${index}`,
      { metric: metricOf('SpentMicrodollars', { pool }), statistic: 'Sum' },
    ]),
  );
  return { expression: `SUM(${listOf(terms)}) / 1000000`, label: 'US dollars', terms };
};

export const spendCondition = (usdPerHour: number, figure: Figure): Condition => ({
  name: 'spend',
  description: `Model calls of an hour cost ${usdPerHour} US dollars and more. See which tenant and pool, and pause them if it is not meant.`,
  section: 'spend',
  figure,
  threshold: usdPerHour,
  periodSeconds: HOUR,
  periods: 1,
  isUnwell: false,
});
