import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import { SnsTopicPolicy } from '@cdktf/provider-aws/lib/sns-topic-policy';
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import { Construct } from 'constructs';
import { nameIn } from '../physical-name.ts';
import { denyWithoutTls, toPolicy } from '../policy.ts';

export interface AlarmTopicProps {
  readonly email: string;
  /** A key that `TOPIC_PUBLISHERS` may use. */
  readonly kmsKeyArn: string;
  readonly account: string;
}

/** Who tells by the topic; SNS's own key would not let them. */
export const TOPIC_PUBLISHERS = ['cloudwatch', 'budgets'] as const;

/** Tells people by e-mail. */
export class AlarmTopic extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { email, kmsKeyArn, account }: AlarmTopicProps) {
    super(scope, id);
    const topic = new SnsTopic(this, 'topic', { name: nameIn(this, 'alarms'), kmsMasterKeyId: kmsKeyArn });
    this.arn = topic.arn;
    new SnsTopicPolicy(this, 'policy', {
      arn: topic.arn,
      policy: toPolicy([
        denyWithoutTls('sns', [topic.arn]),
        ...TOPIC_PUBLISHERS.map((service) => ({
          Sid: service,
          Effect: 'Allow' as const,
          Principal: { Service: `${service}.amazonaws.com` },
          Action: ['sns:Publish'],
          Resource: [topic.arn],
          Condition: { StringEquals: { 'aws:SourceAccount': account } },
        })),
      ]),
    });
    new SnsTopicSubscription(this, 'email', { topicArn: topic.arn, protocol: 'email', endpoint: email });
  }
}
