import { NAME_PREFIX } from '../../shared/contract/names.ts';
import { allow, type Statement } from '../policy.ts';
import type { DeployerPlace } from './place.ts';

/** The names of the role that deploys and of its boundary begin so, and it may change nothing of that. */
export const DEPLOYER_PREFIX = `${NAME_PREFIX}deployer`;

export const boundaryName = (region: string): string => `${DEPLOYER_PREFIX}-boundary-${region}`;

/**
 * The most that a function of any deployment in the account and region may do: no role that the deployer makes can do
 * more, whatever its policies say. One for all settings, so that a change of them needs no administrator.
 */
export const boundaryPermissions = ({ partition, region, account }: DeployerPlace): readonly Statement[] => {
  const ours = (service: string, resource = ''): string =>
    `arn:${partition.name}:${service}:${region}:${account}:${resource}${NAME_PREFIX}*`;
  const queues = [
    'SendMessage',
    'ReceiveMessage',
    'DeleteMessage',
    'ChangeMessageVisibility',
    'GetQueueAttributes',
  ];
  const tables = ['GetItem', 'BatchGetItem', 'Query', 'Scan', 'PutItem', 'UpdateItem'];
  return [
    allow(
      queues.map((action) => `sqs:${action}`),
      [ours('sqs')],
    ),
    allow(
      tables.map((action) => `dynamodb:${action}`),
      [ours('dynamodb', 'table/')],
    ),
    allow(['s3:GetObject', 's3:PutObject', 's3:ListBucket'], [`arn:${partition.name}:s3:::${NAME_PREFIX}*`]),
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [ours('logs', 'log-group:/aws/lambda/')]),
    // A key that the settings name may be another account's; its own policy says who may use it.
    allow(
      ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:Encrypt', 'kms:DescribeKey'],
      [`arn:${partition.name}:kms:${region}:*:key/*`],
    ),
    // Any model, as the settings may name any; and lists and figures that know no resources.
    allow(
      [
        'bedrock:InvokeModel',
        'bedrock:InvokeModelWithResponseStream',
        'cloudwatch:GetMetricData',
        'servicequotas:ListAWSDefaultServiceQuotas',
        'servicequotas:ListServiceQuotas',
        'xray:PutTelemetryRecords',
        'xray:PutTraceSegments',
      ],
      ['*'],
    ),
  ];
};
