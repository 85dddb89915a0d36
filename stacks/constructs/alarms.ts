import { CloudwatchCompositeAlarm } from '@cdktf/provider-aws/lib/cloudwatch-composite-alarm';
import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmConfig,
} from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { Construct } from 'constructs';
import { type Condition, type Figure, type RunbookSection, runbookOf } from '../alarm-condition.ts';
import { nameIn } from '../physical-name.ts';

export interface AlarmsProps {
  readonly topicArn: string;
  readonly conditions: readonly Condition[];
}

/** CloudWatch's own: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html */
const COMPOSITE_RULE_CHARACTERS = 10_240;
const COMPOSITE_CHILDREN = 100;

const describe = (text: string, section: RunbookSection): string => `${text} Runbook: ${runbookOf(section)}`;

const toFigure = (figure: Figure, period: number): Partial<CloudwatchMetricAlarmConfig> => {
  if (!('expression' in figure)) {
    const { namespace, metricName, dimensions } = figure.metric;
    return { namespace, metricName, dimensions: { ...dimensions }, statistic: figure.statistic, period };
  }
  return {
    metricQuery: [
      { id: 'result', expression: figure.expression, label: figure.label, returnData: true },
      ...Object.entries(figure.terms).map(([id, { metric, statistic }]) => ({
        id,
        metric: {
          namespace: metric.namespace,
          metricName: metric.metricName,
          dimensions: { ...metric.dimensions },
          stat: statistic,
          period,
        },
      })),
    ],
  };
};

/** Tells what the pipeline cannot mend by itself: each thing for itself, and whether it does its work at all. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, { topicArn, conditions }: AlarmsProps) {
    super(scope, id);
    const alarms = conditions.map((condition) => ({ condition, alarm: this.#alarm(condition, topicArn) }));
    const serious = alarms.filter(({ condition }) => condition.isUnwell);
    const rule = serious.map(({ condition }) => `ALARM("${nameIn(this, condition.name)}")`).join(' OR ');
    if (serious.length > COMPOSITE_CHILDREN || rule.length > COMPOSITE_RULE_CHARACTERS)
      throw new Error(
        `One alarm would stand for ${serious.length} others in ${rule.length} characters, and CloudWatch allows ${COMPOSITE_CHILDREN} in ${COMPOSITE_RULE_CHARACTERS}: name fewer pools in \`models\`, or shorter ones.`,
      );
    new CloudwatchCompositeAlarm(this, 'unwell', {
      alarmName: nameIn(this, 'unwell'),
      alarmDescription: describe(
        'The pipeline is unwell: something of what it is for does not happen. See which of its alarms rings.',
        'unwell',
      ),
      alarmRule: rule,
      alarmActions: [topicArn],
      okActions: [topicArn],
      dependsOn: serious.map(({ alarm }) => alarm),
    });
  }

  #alarm(condition: Condition, topicArn: string): CloudwatchMetricAlarm {
    return new CloudwatchMetricAlarm(this, condition.name, {
      alarmName: nameIn(this, condition.name),
      alarmDescription: describe(condition.description, condition.section),
      ...toFigure(condition.figure, condition.periodSeconds),
      evaluationPeriods: condition.periods,
      comparisonOperator: 'GreaterThanOrEqualToThreshold',
      threshold: condition.threshold,
      // No figure is a good one: nothing was called, or nothing ever failed.
      treatMissingData: 'notBreaching',
      alarmActions: [topicArn],
      okActions: [topicArn],
    });
  }
}
