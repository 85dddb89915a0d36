import { Construct } from 'constructs';
import { QUEUES } from '../shared/contract/names.ts';
import { AlarmTopic } from './constructs/alarm-topic.ts';
import { Alarms } from './constructs/alarms.ts';
import { Budget } from './constructs/budget.ts';
import { Dashboard } from './constructs/dashboard.ts';
import type { HttpApi } from './constructs/http-api.ts';
import type { PipelineFunction } from './constructs/pipeline-function.ts';
import type { Queues } from './constructs/queues.ts';
import { dashboardName } from './dashboard-name.ts';
import { questionsOf } from './dashboard-questions.ts';
import { metricsOf } from './metric.ts';
import { nameIn } from './physical-name.ts';
import {
  apiConditions,
  deadLetterCondition,
  functionConditions,
  inputCondition,
  lossCondition,
  spendCondition,
  spendFigure,
} from './platform-conditions.ts';
import { poolConditions, type WatchedPool } from './pool-conditions.ts';
import type { DeployableSettings } from './settings.ts';

export interface ObservabilityProps {
  readonly settings: DeployableSettings;
  readonly account: string;
  readonly topicKeyArn: string;
  readonly queues: Queues;
  readonly functions: Readonly<Record<string, PipelineFunction>>;
  readonly api: HttpApi;
}

/** What tells of the pipeline: alarms by e-mail, a budget, a dashboard. */
export class Observability extends Construct {
  readonly topicArn: string;
  readonly dashboardName: string;

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const { settings, queues, api } = props;
    const topic = new AlarmTopic(this, 'topic', {
      email: settings.notification_email,
      kmsKeyArn: props.topicKeyArn,
      account: props.account,
    });
    this.topicArn = topic.arn;
    const pools = this.#watch(settings);
    const functions = Object.entries(props.functions).map(([name, { name: real, timeoutSeconds }]) => ({
      id: name,
      name: real,
      timeoutSeconds,
    }));
    const metricOf = metricsOf(settings.environment);
    const spend = spendFigure(Object.keys(settings.models), metricOf);
    const usdPerHour = settings.spend_alarm_usd_per_hour;
    new Alarms(this, 'alarms', {
      topicArn: topic.arn,
      conditions: [
        ...pools.flatMap(poolConditions),
        inputCondition(queues.get(QUEUES.input).name),
        ...queues.deadLetterNames.map((name) => deadLetterCondition(name, queues.get(name).name)),
        ...functions.flatMap(functionConditions),
        ...apiConditions(api.id),
        lossCondition(metricOf),
        ...(usdPerHour === undefined ? [] : [spendCondition(usdPerHour, spend)]),
      ],
    });
    if (settings.monthly_budget_usd !== undefined)
      new Budget(this, 'budget', { usdPerMonth: settings.monthly_budget_usd, topicArn: topic.arn });
    this.dashboardName = new Dashboard(this, 'dashboard', {
      name: dashboardName(settings),
      region: settings.aws_region,
      questions: questionsOf({
        pools,
        functions,
        deadLetterQueues: queues.deadLetterNames.map((queue) => queues.get(queue).name),
        apiId: api.id,
        metricOf,
      }),
    }).name;
  }

  #watch(settings: DeployableSettings): readonly WatchedPool[] {
    return Object.entries(settings.models).map(([name, pool]) => ({
      name,
      pool,
      metricOf: metricsOf(settings.environment),
      queueNameOf: (queue) => nameIn(this, queue),
      errors: { threshold: settings.alarm_threshold, periods: settings.alarm_evaluation_periods },
    }));
  }
}
