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

/** Days in which a key that was removed by mistake can be brought back, with all that it encrypted. */
const DELETION_DAYS = 30;

/** A key that is turned over once a year. Who may use it is for the policies of the account's roles to say. */
export class EncryptionKey extends Construct {
  readonly arn: string;

  constructor(
    scope: Construct,
    id: string,
    { region, account, name, description, services }: EncryptionKeyProps,
  ) {
    super(scope, id);
    const { name: partition } = partitionOf(region);
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
        ...services.map((service) => letUse(service)),
        this.#letLogs(region, partition, account),
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
