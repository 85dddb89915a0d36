import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import { Construct } from 'constructs';
import type { Wake } from '../../shared/contract/messages.ts';
import { nameIn } from '../physical-name.ts';
import type { Queue } from './queue.ts';

export interface WakeScheduleProps {
  readonly pools: readonly string[];
  readonly wakeQueue: Queue;
}

/** Wakes every pool once a minute, so that no wake that was lost costs more than that. */
export class WakeSchedule extends Construct {
  constructor(scope: Construct, id: string, { pools, wakeQueue }: WakeScheduleProps) {
    super(scope, id);
    const rules = pools.map((pool) => this.#wake(pool, wakeQueue));
    wakeQueue.allowSendBy(
      'events.amazonaws.com',
      rules.map(({ arn }) => arn),
    );
  }

  #wake(pool: string, wakeQueue: Queue): CloudwatchEventRule {
    const wake: Wake = { pool, tick: true };
    const rule = new CloudwatchEventRule(this, `rule-${pool}`, {
      name: nameIn(this, `wake-${pool}`),
      description: `Looks once a minute whether the pool ${pool} has work.`,
      scheduleExpression: 'rate(1 minute)',
    });
    new CloudwatchEventTarget(this, `target-${pool}`, {
      rule: rule.name,
      arn: wakeQueue.arn,
      input: JSON.stringify(wake),
    });
    return rule;
  }
}
