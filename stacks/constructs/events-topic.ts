import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import { SnsTopicPolicy } from '@cdktf/provider-aws/lib/sns-topic-policy';
import { Construct } from 'constructs';
import { nameIn } from '../physical-name.ts';
import { denyWithoutTls, toPolicy } from '../policy.ts';

export interface EventsTopicProps {
  /** Name within the deployment. */
  readonly name: string;
  readonly kmsKeyArn: string | undefined;
}

/** Tells whoever has subscribed of what has ended; who may subscribe is for the account's own policies to say. */
export class EventsTopic extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { name, kmsKeyArn }: EventsTopicProps) {
    super(scope, id);
    const topic = new SnsTopic(this, 'topic', {
      name: nameIn(this, name),
      ...(kmsKeyArn === undefined ? {} : { kmsMasterKeyId: kmsKeyArn }),
    });
    this.arn = topic.arn;
    new SnsTopicPolicy(this, 'policy', {
      arn: topic.arn,
      policy: toPolicy([denyWithoutTls('sns', [topic.arn])]),
    });
  }
}
