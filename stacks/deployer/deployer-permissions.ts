import { NAME_PREFIX } from '../../shared/contract/names.ts';
import { allow, type Statement } from '../policy.ts';
import { keyPermissions } from './key-permissions.ts';
import type { DeployerPlace } from './place.ts';
import { rolePermissions } from './role-permissions.ts';

/** Of a resource whose name begins as all of ours do: everything that creating, changing and removing it takes. */
const named = (service: string, arns: readonly string[], actions: readonly string[]): Statement =>
  allow(
    actions.map((action) => `${service}:${action}`),
    arns,
  );

/** Services whose resources have no names that we choose: within the account and the region. */
const unnamed = ({ partition, region, account }: DeployerPlace): readonly Statement[] => [
  allow(
    ['apigateway:GET', 'apigateway:POST', 'apigateway:PUT', 'apigateway:PATCH', 'apigateway:DELETE'],
    ['/apis', '/apis/*', '/tags/*'].map((path) => `arn:${partition.name}:apigateway:${region}::${path}`),
  ),
  // Mappings are known by ids, and by the function that they invoke.
  {
    ...allow(
      [
        'lambda:CreateEventSourceMapping',
        'lambda:GetEventSourceMapping',
        'lambda:UpdateEventSourceMapping',
        'lambda:DeleteEventSourceMapping',
      ],
      ['*'],
    ),
    Condition: {
      ArnLike: {
        'lambda:FunctionArn': `arn:${partition.name}:lambda:${region}:${account}:function:${NAME_PREFIX}*`,
      },
    },
  },
  allow(
    ['lambda:ListTags', 'lambda:TagResource', 'lambda:UntagResource'],
    [`arn:${partition.name}:lambda:${region}:${account}:event-source-mapping:*`],
  ),
  allow(
    [
      'lambda:ListEventSourceMappings',
      // Deliveries of access logs, and lists, know no resources.
      'logs:CreateLogDelivery',
      'logs:GetLogDelivery',
      'logs:UpdateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:DescribeResourcePolicies',
      'logs:DescribeLogGroups',
      'kms:ListAliases',
      // A subscription is no resource to SNS, though its topic is one.
      'sns:GetSubscriptionAttributes',
      'sns:SetSubscriptionAttributes',
      'sns:Unsubscribe',
      'sts:GetCallerIdentity',
    ],
    ['*'],
  ),
];

/** What `npm run deploy` and `npm run destroy` do, on what carries our names; every role it makes has the boundary. */
export const deployerPermissions = (place: DeployerPlace, boundaryArn: string): readonly Statement[] => {
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
    ...keyPermissions(place),
    ...rolePermissions(place, boundaryArn),
    ...unnamed(place),
  ];
};
