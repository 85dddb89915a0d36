import { NAME_PREFIX } from '../../shared/contract/names.ts';
import type { Partition } from '../partition.ts';
import { allow, type Statement } from '../policy.ts';

export interface DeployerPlace {
  readonly partition: Partition;
  readonly region: string;
  readonly account: string;
}

/** Of a resource whose name begins as all of ours do: everything that creating, changing and removing it takes. */
const named = (service: string, arns: readonly string[], actions: readonly string[]): Statement =>
  allow(
    actions.map((action) => `${service}:${action}`),
    arns,
  );

/** Services whose resources have no names that we choose: within the account and the region. */
const unnamed = ({ partition, region }: DeployerPlace): readonly Statement[] => [
  allow(
    ['apigateway:GET', 'apigateway:POST', 'apigateway:PUT', 'apigateway:PATCH', 'apigateway:DELETE'],
    ['/apis', '/apis/*', '/tags/*'].map((path) => `arn:${partition.name}:apigateway:${region}::${path}`),
  ),
  // Mappings are known by ids; which function they may invoke is told by the function's own permission.
  allow(
    [
      'lambda:CreateEventSourceMapping',
      'lambda:GetEventSourceMapping',
      'lambda:UpdateEventSourceMapping',
      'lambda:DeleteEventSourceMapping',
      'lambda:ListEventSourceMappings',
      'lambda:ListTags',
      'lambda:TagResource',
      'lambda:UntagResource',
      // Deliveries of access logs, and lists, know no resources.
      'logs:CreateLogDelivery',
      'logs:GetLogDelivery',
      'logs:UpdateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:DescribeResourcePolicies',
      'logs:DescribeLogGroups',
      'kms:CreateKey',
      'kms:ListAliases',
      'sts:GetCallerIdentity',
    ],
    ['*'],
  ),
];

/** What `npm run deploy` and `npm run destroy` do, on what carries our names. */
export const deployerPermissions = (place: DeployerPlace): readonly Statement[] => {
  const { partition, region, account } = place;
  const arn = (service: string, resource: string): string =>
    `arn:${partition.name}:${service}:${region}:${account}:${resource}`;
  const global = (service: string, resource: string): string =>
    `arn:${partition.name}:${service}::${account}:${resource}`;
  const all = `${NAME_PREFIX}*`;
  const bucket = `arn:${partition.name}:s3:::${all}`;
  return [
    named('sqs', [arn('sqs', all)], ['*']),
    named('dynamodb', [arn('dynamodb', `table/${all}`)], ['*']),
    named('lambda', [arn('lambda', `function:${all}`)], ['*']),
    named('s3', [bucket, `${bucket}/*`], ['*']),
    named('sns', [arn('sns', all)], ['*']),
    named('events', [arn('events', `rule/${all}`)], ['*']),
    named(
      'logs',
      [arn('logs', `log-group:/aws/lambda/${all}`), arn('logs', `log-group:/aws/vendedlogs/${all}`)],
      ['*'],
    ),
    // The dashboard has the name of a setting.
    named('cloudwatch', [arn('cloudwatch', `alarm:${all}`), global('cloudwatch', 'dashboard/*')], ['*']),
    named(
      'budgets',
      [global('budgets', `budget/${all}`)],
      ['ViewBudget', 'ModifyBudget', 'ListTagsForResource', 'TagResource', 'UntagResource'],
    ),
    named(
      'kms',
      [arn('kms', 'key/*'), arn('kms', `alias/${all}`)],
      [
        'CreateAlias',
        'CreateGrant',
        'Decrypt',
        'DeleteAlias',
        'DescribeKey',
        'Encrypt',
        'EnableKeyRotation',
        'GenerateDataKey',
        'GetKeyPolicy',
        'GetKeyRotationStatus',
        'ListResourceTags',
        'PutKeyPolicy',
        'ScheduleKeyDeletion',
        'TagResource',
        'UntagResource',
        'UpdateKeyDescription',
      ],
    ),
    named(
      'iam',
      [global('iam', `role/${all}`)],
      [
        'CreateRole',
        'DeleteRole',
        'DeleteRolePolicy',
        'GetRole',
        'GetRolePolicy',
        'ListAttachedRolePolicies',
        'ListInstanceProfilesForRole',
        'ListRolePolicies',
        'PutRolePolicy',
        'TagRole',
        'UntagRole',
        'UpdateAssumeRolePolicy',
        'UpdateRole',
      ],
    ),
    {
      ...allow(['iam:PassRole'], [global('iam', `role/${all}`)]),
      Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
    },
    // Or the role could give itself more.
    {
      Sid: 'NotItself',
      Effect: 'Deny',
      Action: ['iam:*'],
      Resource: [global('iam', `role/${NAME_PREFIX}deployer*`)],
    },
    ...unnamed(place),
  ];
};
