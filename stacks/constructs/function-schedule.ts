import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import { Construct } from 'constructs';
import type { ScheduleDescription } from '../../shared/contract/functions.ts';
import { nameIn } from '../physical-name.ts';
import type { PipelineFunction } from './pipeline-function.ts';

export interface FunctionScheduleProps {
  readonly description: ScheduleDescription;
  readonly target: PipelineFunction;
}

/** Invokes a function by the clock. */
export class FunctionSchedule extends Construct {
  constructor(scope: Construct, id: string, { description, target }: FunctionScheduleProps) {
    super(scope, id);
    const { everyHours } = description;
    const rule = new CloudwatchEventRule(this, 'rule', {
      name: nameIn(this, `run-${description.function}`),
      description: description.description,
      scheduleExpression: everyHours === 1 ? 'rate(1 hour)' : `rate(${everyHours} hours)`,
    });
    new CloudwatchEventTarget(this, 'target', { rule: rule.name, arn: target.arn });
    new LambdaPermission(this, 'permission', {
      statementId: 'Schedule',
      action: 'lambda:InvokeFunction',
      functionName: target.createdName,
      principal: 'events.amazonaws.com',
      sourceArn: rule.arn,
    });
  }
}
