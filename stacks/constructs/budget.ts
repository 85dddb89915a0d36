import { BudgetsBudget } from '@cdktf/provider-aws/lib/budgets-budget';
import { Construct } from 'constructs';
import { nameIn } from '../physical-name.ts';

export interface BudgetProps {
  readonly usdPerMonth: number;
  readonly topicArn: string;
}

const TELL_AT = [
  { notificationType: 'ACTUAL', threshold: 80 },
  { notificationType: 'ACTUAL', threshold: 100 },
  { notificationType: 'FORECASTED', threshold: 100 },
] as const;

/** Of the whole account: models of other makers are billed under names of their own, which no filter can list. */
export class Budget extends Construct {
  constructor(scope: Construct, id: string, { usdPerMonth, topicArn }: BudgetProps) {
    super(scope, id);
    new BudgetsBudget(this, 'budget', {
      name: nameIn(this, 'budget'),
      budgetType: 'COST',
      limitAmount: String(usdPerMonth),
      limitUnit: 'USD',
      timeUnit: 'MONTHLY',
      notification: TELL_AT.map(({ notificationType, threshold }) => ({
        notificationType,
        threshold,
        thresholdType: 'PERCENTAGE',
        comparisonOperator: 'GREATER_THAN',
        subscriberSnsTopicArns: [topicArn],
      })),
    });
  }
}
