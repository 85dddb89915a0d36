import 'cdktf/lib/testing/adapters/jest';
import { BudgetsBudget } from '@cdktf/provider-aws/lib/budgets-budget';
import { CloudwatchCompositeAlarm } from '@cdktf/provider-aws/lib/cloudwatch-composite-alarm';
import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import { Testing } from 'cdktf';
import { AWS_METRICS } from '../../shared/contract/aws-metrics.ts';
import { METRICS } from '../../shared/contract/metrics.ts';
import {
  type Attributes,
  ref,
  removeFolders,
  resourcesOf,
  resourceWith,
  settingsOf,
  statementsOf,
  synthStack,
  TWO_POOLS,
} from './harness.ts';

Testing.setupJest();
afterAll(removeFolders);

const stack = synthStack(
  settingsOf({
    ...TWO_POOLS,
    default_model: 'haiku',
    aws_region: 'eu-central-1',
    notification_email: 'alarms@example.com',
    alarm_threshold: 7,
    alarm_evaluation_periods: 3,
    dashboard_name: 'my-board',
    spend_alarm_usd_per_hour: 4,
    monthly_budget_usd: 90,
    environment: 'staging',
  }),
);

interface Query {
  readonly id: string;
  readonly expression?: string;
  readonly metric?: {
    readonly namespace: string;
    readonly metric_name: string;
    readonly dimensions: Readonly<Record<string, string>>;
    readonly stat: string;
    readonly period: number;
  };
}

const alarms = resourcesOf(stack, 'aws_cloudwatch_metric_alarm').map(([, alarm]) => alarm);
const alarmCalled = (name: string): Attributes =>
  resourceWith(stack, 'aws_cloudwatch_metric_alarm', ['alarm_name', `smoother-staging-${name}`]);
const queriesOf = (name: string) => alarmCalled(name).metric_query as readonly Query[];

/** Namespace, name and names of dimensions of everything an alarm looks at. */
const figuresOf = (alarm: Attributes): readonly (readonly [unknown, unknown, readonly string[]])[] =>
  alarm.metric_query === undefined
    ? [[alarm.namespace, alarm.metric_name, Object.keys(alarm.dimensions as object)]]
    : (alarm.metric_query as readonly Query[]).flatMap(({ metric }) =>
        metric === undefined
          ? []
          : [[metric.namespace, metric.metric_name, Object.keys(metric.dimensions)] as const],
      );

const isDeclared = ([namespace, name, dimensions]: readonly [
  unknown,
  unknown,
  readonly string[],
]): boolean => {
  const declared =
    namespace === 'BedrockRequestSmoother/staging'
      ? Object.entries(METRICS).find(([metric]) => metric === name)?.[1].dimensions
      : Object.entries(AWS_METRICS).find(([metric, of]) => metric === name && of.namespace === namespace)?.[1]
          .dimensions;
  return declared !== undefined && [...declared].join() === dimensions.join();
};

describe('alarms', () => {
  it('are these', () => {
    const perPool = (pool: string) => [
      `model-client-errors-${pool}`,
      `model-errors-${pool}`,
      `model-server-errors-${pool}`,
      `model-throttles-${pool}`,
      `no-progress-${pool}`,
      `not-empty-dead-letter-${pool}`,
      `oldest-high-${pool}`,
      `oldest-low-${pool}`,
      `oldest-normal-${pool}`,
      `quota-use-${pool}`,
    ];
    const perFunction = (name: string) => [
      `function-duration-${name}`,
      `function-errors-${name}`,
      `function-throttles-${name}`,
    ];
    expect(
      alarms.map(({ alarm_name }) => String(alarm_name).replace('smoother-staging-', '')).sort(),
    ).toEqual(
      [
        ...['haiku', 'nova-lite'].flatMap(perPool),
        ...['ingestion', 'prioritization', 'splitter', 'reconciler', 'query'].flatMap(perFunction),
        ...['input-dlq', 'wake-dlq', 'batches-dlq'].map((name) => `not-empty-${name}`),
        'api-4xx',
        'api-5xx',
        'oldest-input',
        'requests-lost',
        'spend',
      ].sort(),
    );
  });

  it.each([
    ['model-errors-haiku', 'BedrockRequestSmoother/staging', 'ModelErrors', { pool: 'haiku' }],
    ['model-throttles-haiku', 'BedrockRequestSmoother/staging', 'ModelThrottles', { pool: 'haiku' }],
    [
      'model-client-errors-haiku',
      'AWS/Bedrock',
      'InvocationClientErrors',
      { ModelId: 'us.anthropic.claude-haiku-4-5-20251001-v1:0' },
    ],
    [
      'model-server-errors-nova-lite',
      'AWS/Bedrock',
      'InvocationServerErrors',
      { ModelId: 'amazon.nova-lite-v1:0' },
    ],
  ])('%s rings as the settings say', (name, namespace, metricName, dimensions) => {
    expect(stack.text).toHaveResourceWithProperties(CloudwatchMetricAlarm, {
      alarm_name: `smoother-staging-${name}`,
      namespace,
      metric_name: metricName,
      dimensions,
      statistic: 'Sum',
      threshold: 7,
      evaluation_periods: 3,
      period: 300,
      comparison_operator: 'GreaterThanOrEqualToThreshold',
    });
  });

  it.each(['input-dlq', 'wake-dlq', 'batches-dlq', 'dead-letter-haiku', 'dead-letter-nova-lite'])(
    'tell that %s is not empty',
    (name) => {
      expect(resourcesOf(stack, 'aws_sqs_queue').map(([queueId]) => queueId)).toContain(
        name.replaceAll('-', '_'),
      );
      expect(alarmCalled(`not-empty-${name}`)).toMatchObject({
        namespace: 'AWS/SQS',
        metric_name: 'ApproximateNumberOfMessagesVisible',
        dimensions: { QueueName: `smoother-staging-${name}` },
        statistic: 'Maximum',
        threshold: 1,
        evaluation_periods: 1,
      });
    },
  );

  it.each([
    ['high', 900],
    ['normal', 3600],
    ['low', 86_400],
  ])('tell that a request of priority %s waits for %d s, in whichever lane', (priority, seconds) => {
    expect(alarmCalled(`oldest-${priority}-haiku`).threshold).toBe(seconds);
    expect(queriesOf(`oldest-${priority}-haiku`)).toEqual([
      {
        id: 'result',
        expression: `MAX([${priority}_express, ${priority}_bulk_0, ${priority}_bulk_1])`,
        label: `oldest ${priority}`,
        return_data: true,
      },
      ...['express', 'bulk-0', 'bulk-1'].map((band) => ({
        id: `${priority}_${band.replace('-', '_')}`,
        metric: {
          namespace: 'AWS/SQS',
          metric_name: 'ApproximateAgeOfOldestMessage',
          dimensions: { QueueName: `smoother-staging-hold-haiku-${priority}-${band}` },
          stat: 'Maximum',
          period: 300,
        },
      })),
    ]);
  });

  it('tell that nobody takes what is sent to the input queue', () => {
    expect(alarmCalled('oldest-input')).toMatchObject({
      namespace: 'AWS/SQS',
      metric_name: 'ApproximateAgeOfOldestMessage',
      dimensions: { QueueName: 'smoother-staging-input' },
      statistic: 'Maximum',
      threshold: 900,
      evaluation_periods: 1,
    });
  });

  it('tell of every function that there is, the one behind a URL too', () => {
    const withUrl = synthStack(settingsOf({ function_url: true }));
    const functions = resourcesOf(withUrl, 'aws_lambda_function').map(([, of]) => String(of.function_name));
    const watched = resourcesOf(withUrl, 'aws_cloudwatch_metric_alarm').map(([, alarm]) => [
      String(alarm.metric_name),
      (alarm.dimensions as Readonly<Record<string, string>> | undefined)?.FunctionName,
    ]);

    expect(functions).toHaveLength(6);
    expect(watched).toEqual(
      expect.arrayContaining(
        functions.flatMap((name) => ['Errors', 'Throttles', 'Duration'].map((metric) => [metric, name])),
      ),
    );
  });

  it('tell that work waits and no call is made', () => {
    const [result, ...terms] = queriesOf('no-progress-haiku');

    expect(alarmCalled('no-progress-haiku')).toMatchObject({ threshold: 1, evaluation_periods: 3 });
    expect(result?.expression).toBe(
      'IF(MAX([high_express, high_bulk_0, high_bulk_1, normal_express, normal_bulk_0, normal_bulk_1, low_express, low_bulk_0, low_bulk_1]) > 0 AND SUM([calls, high_express, high_bulk_0, high_bulk_1, normal_express, normal_bulk_0, normal_bulk_1, low_express, low_bulk_0, low_bulk_1]) - SUM([high_express, high_bulk_0, high_bulk_1, normal_express, normal_bulk_0, normal_bulk_1, low_express, low_bulk_0, low_bulk_1]) < 1, 1, 0)',
    );
    // CloudWatch computes with ten at most.
    expect(terms).toHaveLength(10);
  });

  it('tell that the quota in force is used up, of whatever limit and however many targets', () => {
    expect(queriesOf('quota-use-haiku')).toEqual([
      { id: 'result', expression: 'use * 60 / PERIOD(use)', label: '% of the quota', return_data: true },
      {
        id: 'use',
        metric: {
          namespace: 'BedrockRequestSmoother/staging',
          metric_name: 'QuotaUse',
          dimensions: { pool: 'haiku' },
          stat: 'Sum',
          period: 3600,
        },
      },
    ]);
    expect(alarmCalled('quota-use-haiku')).toMatchObject({ threshold: 90, evaluation_periods: 1 });
  });

  it('need no figure that was never told', () => {
    const expressions = alarms.flatMap(({ metric_query }) =>
      ((metric_query ?? []) as readonly Query[]).flatMap(({ expression }) => expression ?? []),
    );

    expect(expressions.length).toBeGreaterThan(10);
    expect(expressions.filter((expression) => expression.includes('FILL'))).toEqual([]);
  });

  it.each([
    ['ingestion', 28_500],
    ['prioritization', 855_000],
  ])('tell that %s nearly took its time', (name, milliseconds) => {
    expect(alarmCalled(`function-duration-${name}`)).toMatchObject({
      metric_name: 'Duration',
      dimensions: { FunctionName: `smoother-staging-${name}` },
      statistic: 'Maximum',
      threshold: milliseconds,
    });
  });

  it('tell what an hour costs, of all pools', () => {
    expect(queriesOf('spend')[0]?.expression).toBe('SUM([spent_0, spent_1]) / 1000000');
    expect(alarmCalled('spend').threshold).toBe(4);
  });

  it('tell that the reconciler found what was lost, and nothing of counts that leaked', () => {
    expect(queriesOf('requests-lost')[0]?.expression).toBe(
      'SUM([queued_too_long, running_without_attempt, batch_not_split])',
    );
    expect(alarmCalled('requests-lost').threshold).toBe(1);
  });

  it('look only at figures that are declared, under the dimensions they have', () => {
    const figures = alarms.flatMap(figuresOf);

    expect(figures.length).toBeGreaterThan(50);
    expect(figures.filter((figure) => !isDeclared(figure))).toEqual([]);
  });

  it('are sent to the topic, and quiet without figures', () => {
    for (const alarm of alarms)
      expect(alarm).toMatchObject({
        treat_missing_data: 'notBreaching',
        alarm_actions: [expect.stringMatching(/^\$\{aws_sns_topic\.\w+\.arn\}$/)],
      });
  });

  it('are summed up in one', () => {
    const { alarm_rule } = resourceWith(stack, 'aws_cloudwatch_composite_alarm', [
      'alarm_name',
      'smoother-staging-unwell',
    ]);
    const members = String(alarm_rule).split(' OR ');

    expect(members).toEqual(
      expect.arrayContaining([
        'ALARM("smoother-staging-no-progress-haiku")',
        'ALARM("smoother-staging-not-empty-dead-letter-nova-lite")',
        'ALARM("smoother-staging-function-errors-query")',
        'ALARM("smoother-staging-api-5xx")',
      ]),
    );
    const names = alarms.map(({ alarm_name }) => `ALARM("${String(alarm_name)}")`);
    expect(members.filter((member) => !names.includes(member))).toEqual([]);
    expect(stack.text).toHaveResourceWithProperties(CloudwatchCompositeAlarm, {
      alarm_actions: [expect.stringMatching(/^\$\{aws_sns_topic\.\w+\.arn\}$/)],
    });
  });

  it('are too many for one sum', () => {
    const models = Object.fromEntries(
      Array.from({ length: 24 }, (_, index) => [
        `p${index}`,
        { model_id: `a.${index}`, quota: { tokens_per_minute: 9 } },
      ]),
    );

    expect(() => synthStack(settingsOf({ models, default_model: 'p0' }))).toThrow(
      /^(One alarm would stand for \d+ others|The settings make a function's environment)/,
    );
  });
});

describe('the topic', () => {
  it('reaches the address of the settings', () => {
    expect(stack.text).toHaveResourceWithProperties(SnsTopicSubscription, {
      protocol: 'email',
      endpoint: 'alarms@example.com',
    });
  });

  it('is encrypted with a key that CloudWatch may use, and lets nobody else publish', () => {
    const [[, topic] = []] = resourcesOf(stack, 'aws_sns_topic');
    const [[, policy] = []] = resourcesOf(stack, 'aws_sns_topic_policy');
    const [[, key] = []] = resourcesOf(stack, 'aws_kms_key');

    expect(topic?.kms_master_key_id).toBe(ref('aws_kms_key.key_alarms.arn'));
    expect(key?.enable_key_rotation).toBe(true);
    expect(statementsOf(key?.policy)).toContainEqual({
      Sid: 'cloudwatch',
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Resource: ['*'],
    });
    expect(statementsOf(policy?.policy).map(({ Effect, Principal }) => [Effect, Principal])).toEqual([
      ['Deny', '*'],
      ['Allow', { Service: 'cloudwatch.amazonaws.com' }],
      ['Allow', { Service: 'budgets.amazonaws.com' }],
    ]);
  });
});

describe('the budget', () => {
  it('is of the settings', () => {
    expect(stack.text).toHaveResourceWithProperties(BudgetsBudget, {
      name: 'smoother-staging-budget',
      limit_amount: '90',
      limit_unit: 'USD',
      time_unit: 'MONTHLY',
    });
  });

  it('is none unless it is asked for', () => {
    const plain = synthStack(settingsOf());

    expect(resourcesOf(plain, 'aws_budgets_budget')).toEqual([]);
    expect(plain.text).not.toContain('smoother-spend');
  });
});

describe('the dashboard', () => {
  interface Widget {
    readonly type: string;
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly properties: {
      readonly markdown?: string;
      readonly title?: string;
      readonly region?: string;
      readonly metrics?: readonly (readonly unknown[])[];
    };
  }
  const { dashboard_body } = resourceWith(stack, 'aws_cloudwatch_dashboard', [
    'dashboard_name',
    'my-board-staging',
  ]);
  const { widgets } = JSON.parse(String(dashboard_body)) as { readonly widgets: readonly Widget[] };
  const graphs = widgets.filter(({ type }) => type === 'metric');

  it('answers questions', () => {
    expect(widgets.flatMap(({ properties }) => properties.markdown ?? [])).toEqual([
      '## Does everything that is accepted get answered?',
      '## How long do requests wait?',
      '## Is the quota used, without throttles?',
      '## Is the model well, and what does it cost?',
      '## Are the functions and the API well?',
    ]);
  });

  it('shows only figures that are declared, under the dimensions they have', () => {
    const figures = graphs.flatMap(({ properties }) =>
      (properties.metrics ?? []).flatMap((metric) => {
        const [namespace, name, ...more] = metric.filter((part) => typeof part === 'string');
        return namespace === undefined
          ? []
          : [[namespace, name, more.filter((_, at) => at % 2 === 0)] as const];
      }),
    );

    expect(figures.length).toBeGreaterThan(80);
    expect(
      figures.filter(
        ([namespace, name, dimensions]) => !isDeclared([namespace, name, dimensions as string[]]),
      ),
    ).toEqual([]);
  });

  it('computes with figures of the same graph', () => {
    const missing = graphs.flatMap(({ properties: { title, metrics = [] } }) => {
      const options = metrics.map(
        (metric) => metric.at(-1) as { readonly id?: string; readonly expression?: string },
      );
      const ids = options.flatMap(({ id }) => id ?? []);
      return options.flatMap(({ expression = '' }) =>
        (expression.match(/\bm\d+_\w+/g) ?? []).filter((id) => !ids.includes(id)).map((id) => [title, id]),
      );
    });

    expect(missing).toEqual([]);
  });

  it('is laid out without gaps or overlaps, in its region', () => {
    for (const widget of widgets) expect(widget.x + widget.width).toBeLessThanOrEqual(24);
    expect(new Set(widgets.map(({ x, y }) => `${x},${y}`)).size).toBe(widgets.length);
    expect(new Set(graphs.map(({ properties }) => properties.region))).toEqual(new Set(['eu-central-1']));
  });
});
