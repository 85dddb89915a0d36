import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { Construct } from 'constructs';
import { partitionOf } from '../partition.ts';
import { nameIn } from '../physical-name.ts';
import { type Statement, toPolicy } from '../policy.ts';

export interface EncryptionKeyProps {
  readonly region: string;
  readonly account: string;
  /** Within the deployment. */
  readonly name: string;
  readonly description: string;
  /** Services that encrypt and decrypt with it in their own name, such as `events`. */
  readonly services: readonly string[];
  /** Whether it encrypts logs. */
  readonly isOfLogs: boolean;
  /** Accounts, roles or users of elsewhere that send to queues which it encrypts. */
  readonly senders: readonly string[];
}

const USE = ['kms:Decrypt', 'kms:GenerateDataKey*'];

/** Not every service tells KMS for which account it asks: a condition would silence alarms. */
const letUse = (service: string): Statement => ({
  Sid: service,
  Effect: 'Allow',
  Principal: { Service: `${service}.amazonaws.com` },
  Action: USE,
  Resource: ['*'],
});

/** Whoever sends has a data key made, and opened again: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html */
const letSend = (senders: readonly string[], queueService: string): Statement => ({
  Sid: 'Senders',
  Effect: 'Allow',
  Principal: { AWS: senders },
  Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
  Resource: ['*'],
  Condition: { StringEquals: { 'kms:ViaService': queueService } },
});

/** Days in which a key that was removed by mistake can be brought back, with all that it encrypted. */
const DELETION_DAYS = 30;

/** A key that is turned over once a year. Who may use it is for the policies of the account's roles to say. */
export class EncryptionKey extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: EncryptionKeyProps) {
    super(scope, id);
    const { region, account, name, description } = props;
    const { name: partition, dnsSuffix } = partitionOf(region);
    const key = new KmsKey(this, 'key', {
      description,
      enableKeyRotation: true,
      deletionWindowInDays: DELETION_DAYS,
      policy: toPolicy([
        {
          Sid: 'Account',
          Effect: 'Allow',
          Principal: { AWS: [`arn:${partition}:iam::${account}:root`] },
          Action: ['kms:*'],
          Resource: ['*'],
        },
        ...props.services.map(letUse),
        ...(props.isOfLogs ? [this.#letLogs(region, partition, account)] : []),
        ...(props.senders.length === 0 ? [] : [letSend(props.senders, `sqs.${region}.${dnsSuffix}`)]),
      ]),
    });
    key.overrideLogicalId(`key_${name.replaceAll('-', '_')}`);
    new KmsAlias(this, 'alias', { name: `alias/${nameIn(this, name)}`, targetKeyId: key.keyId });
    this.arn = key.arn;
  }

  /** CloudWatch Logs names the log group it encrypts. */
  #letLogs(region: string, partition: string, account: string): Statement {
    return {
      Sid: 'logs',
      Effect: 'Allow',
      Principal: { Service: `logs.${region}.amazonaws.com` },
      Action: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
      Resource: ['*'],
      Condition: {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:*` },
      },
    };
  }
}
