import { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue';
import { SqsQueuePolicy } from '@cdktf/provider-aws/lib/sqs-queue-policy';
import { Lazy } from 'cdktf';
import { Construct } from 'constructs';
import type { QueueDescription } from '../../shared/contract/resources.ts';
import { toLogicalId } from '../logical-id.ts';
import { nameIn } from '../physical-name.ts';
import { denyWithoutTls, type Statement, toPolicy } from '../policy.ts';

export interface QueueProps {
  readonly description: QueueDescription;
  /** Where messages go that were received too often; needed when the description names one. */
  readonly deadLetterArn?: string | undefined;
  /** What it is encrypted with; without it with a key of SQS's own. */
  readonly kmsKeyArn?: string | undefined;
}

/** A data key serves so long before KMS is asked, and paid, for another: SQS's own default. */
const DATA_KEY_SECONDS = 300;

/** An encrypted queue that is reached over TLS only. */
export class Queue extends Construct {
  readonly arn: string;
  readonly url: string;
  /** The real name, with the prefix. */
  readonly name: string;
  readonly #senders: Statement[] = [];

  constructor(scope: Construct, id: string, { description, deadLetterArn, kmsKeyArn }: QueueProps) {
    super(scope, id);
    this.name = nameIn(this, description.name);
    const queue = new SqsQueue(this, 'queue', {
      name: this.name,
      visibilityTimeoutSeconds: description.visibilityTimeoutSeconds,
      messageRetentionSeconds: description.retentionSeconds,
      receiveWaitTimeSeconds: description.receiveWaitSeconds,
      ...(kmsKeyArn === undefined
        ? { sqsManagedSseEnabled: true }
        : { kmsMasterKeyId: kmsKeyArn, kmsDataKeyReusePeriodSeconds: DATA_KEY_SECONDS }),
      ...(description.deadLetter === undefined || deadLetterArn === undefined
        ? {}
        : {
            redrivePolicy: JSON.stringify({
              deadLetterTargetArn: deadLetterArn,
              maxReceiveCount: description.deadLetter.maxReceiveCount,
            }),
          }),
    });
    queue.overrideLogicalId(toLogicalId(description.name));
    this.arn = queue.arn;
    this.url = queue.url;
    new SqsQueuePolicy(this, 'policy', {
      queueUrl: queue.url,
      policy: Lazy.stringValue({
        produce: () => toPolicy([denyWithoutTls('sqs', [this.arn]), ...this.#senders]),
      }),
    });
  }

  /** Lets an AWS service send, on behalf of these resources only. */
  allowSendBy(service: string, sourceArns: readonly string[]): void {
    this.#senders.push({
      Effect: 'Allow',
      Principal: { Service: service },
      Action: ['sqs:SendMessage'],
      Resource: [this.arn],
      Condition: { ArnEquals: { 'aws:SourceArn': sourceArns } },
    });
  }

  /** Lets accounts, roles or users of elsewhere send; those of this account need their own policies only. */
  allowSendFrom(principals: readonly string[]): void {
    if (principals.length === 0) return;
    this.#senders.push({
      Sid: 'Senders',
      Effect: 'Allow',
      Principal: { AWS: principals },
      Action: ['sqs:SendMessage', 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes'],
      Resource: [this.arn],
    });
  }
}
