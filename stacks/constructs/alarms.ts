import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import { Construct } from 'constructs';
import { physicalName } from '../../shared/contract/resources.ts';
import { type Metric, metricOf, waitingMessages } from '../metric.ts';
import type { Queue } from './queue.ts';

export interface AlarmsProps {
  readonly email: string;
  readonly pools: readonly string[];
  readonly deadLetterQueues: readonly Queue[];
  /** Model errors of a pool in a period. */
  readonly modelErrors: number;
  /** Periods in a row. */
  readonly periods: number;
}

const PERIOD_SECONDS = 300;

interface Condition {
  readonly name: string;
  readonly description: string;
  readonly metric: Metric;
  readonly statistic: 'Sum' | 'Maximum';
  /** The least figure that alarms. */
  readonly threshold: number;
  readonly periods: number;
}

/** Tells people by e-mail what the pipeline cannot mend by itself. */
export class Alarms extends Construct {
  readonly topicArn: string;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const topic = new SnsTopic(this, 'topic', { name: physicalName('alarms') });
    this.topicArn = topic.arn;
    new SnsTopicSubscription(this, 'email', {
      topicArn: topic.arn,
      protocol: 'email',
      endpoint: props.email,
    });
    for (const pool of props.pools)
      this.#alarm({
        name: `model-errors-${pool}`,
        description: `Calls to the model of the pool ${pool} end in errors other than throttles.`,
        metric: metricOf('ModelErrors', { pool }),
        statistic: 'Sum',
        threshold: props.modelErrors,
        periods: props.periods,
      });
    for (const queue of props.deadLetterQueues)
      this.#alarm({
        name: `not-empty-${queue.node.id}`,
        description: `Dead letters wait in ${queue.name}.`,
        metric: waitingMessages(queue.name),
        statistic: 'Maximum',
        threshold: 1,
        periods: 1,
      });
  }

  #alarm({ name, description, metric, statistic, threshold, periods }: Condition): void {
    new CloudwatchMetricAlarm(this, name, {
      alarmName: physicalName(name),
      alarmDescription: description,
      namespace: metric.namespace,
      metricName: metric.metricName,
      dimensions: { ...metric.dimensions },
      statistic,
      period: PERIOD_SECONDS,
      evaluationPeriods: periods,
      comparisonOperator: 'GreaterThanOrEqualToThreshold',
      threshold,
      // No figure is a good one: nothing was called, or nothing ever failed.
      treatMissingData: 'notBreaching',
      alarmActions: [this.topicArn],
    });
  }
}
