import { type TerraformStack, Testing } from 'cdktf';
import { DeployerStack } from '../../stacks/deployer/deployer-stack.ts';
import {
  newFolder,
  type PolicyStatement,
  removeFolders,
  resourcesOf,
  settingsOf,
  statementsOf,
  synthStack,
  TWO_POOLS,
} from './harness.ts';
import { type Call, isAllowed } from './iam.ts';

afterAll(removeFolders);

const synth = () => {
  const stack: TerraformStack = new DeployerStack(Testing.app({ outdir: newFolder() }), 'deployer', {
    region: 'eu-west-1',
    repository: 'company/smoother',
    environment: 'production',
    stateBucket: 'company-state',
    stateKey: 'smoother*',
    hasProvider: true,
  });
  return JSON.parse(Testing.synth(stack, true)) as {
    readonly resource: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  };
};

const only = (type: string) => Object.values(synth().resource[type] ?? {})[0] ?? {};
const statements: readonly PolicyStatement[] = statementsOf(only('aws_iam_role_policy').policy);
const boundary: readonly PolicyStatement[] = statementsOf(only('aws_iam_policy').policy);

// biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own.
const ACCOUNT = '${data.aws_caller_identity.caller.account_id}';
// biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own.
const BOUNDARY = '${aws_iam_policy.boundary.arn}';
const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:${service === 'iam' ? '' : 'eu-west-1'}:${ACCOUNT}:${resource}`;
const ROLE = arn('iam', 'role/smoother-query-eu-west-1');
const ITSELF = arn('iam', 'role/smoother-deployer-eu-west-1');
const KEY = arn('kms', 'key/1');
const OURS = { 'aws:ResourceTag/Application': 'bedrock-request-smoother' };
const AS_OURS = { 'aws:RequestTag/Application': 'bedrock-request-smoother' };
const OTHERS = { 'aws:ResourceTag/Application': 'payroll' };
const WITHIN = { 'iam:PermissionsBoundary': BOUNDARY };
const TO_LAMBDA = { 'iam:PassedToService': 'lambda.amazonaws.com' };

describe('the role that deploys', () => {
  it.each<readonly [string, Call]>([
    ['make a role without the boundary', { action: 'iam:CreateRole', resource: ROLE }],
    [
      'make a role within another boundary',
      {
        action: 'iam:CreateRole',
        resource: ROLE,
        context: { 'iam:PermissionsBoundary': 'arn:aws:iam::aws:policy/AdministratorAccess' },
      },
    ],
    ['give more to a role without the boundary', { action: 'iam:PutRolePolicy', resource: ROLE }],
    [
      'give a role another boundary',
      {
        action: 'iam:PutRolePermissionsBoundary',
        resource: ROLE,
        context: { 'iam:PermissionsBoundary': 'arn:aws:iam::aws:policy/AdministratorAccess' },
      },
    ],
    [
      'take the boundary off',
      { action: 'iam:DeleteRolePermissionsBoundary', resource: ROLE, context: WITHIN },
    ],
    [
      'attach a policy that is there already',
      { action: 'iam:AttachRolePolicy', resource: ROLE, context: WITHIN },
    ],
    ['have a role trust somebody else', { action: 'iam:UpdateAssumeRolePolicy', resource: ROLE }],
    ['give itself more', { action: 'iam:PutRolePolicy', resource: ITSELF, context: WITHIN }],
    ['be a function itself', { action: 'iam:PassRole', resource: ITSELF, context: TO_LAMBDA }],
    [
      'rewrite the boundary',
      {
        action: 'iam:CreatePolicyVersion',
        resource: arn('iam', 'policy/smoother-deployer-boundary-eu-west-1'),
      },
    ],
    ['make users', { action: 'iam:CreateUser', resource: arn('iam', 'user/smoother-me') }],
    [
      'hand a role of others to a function',
      { action: 'iam:PassRole', resource: arn('iam', 'role/Admin'), context: TO_LAMBDA },
    ],
    [
      'hand a role to another service',
      { action: 'iam:PassRole', resource: ROLE, context: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
    ],
    ['delete a key of others', { action: 'kms:ScheduleKeyDeletion', resource: KEY, context: OTHERS }],
    ['delete a key that nobody has tagged', { action: 'kms:ScheduleKeyDeletion', resource: KEY }],
    ['rewrite the policy of a key of others', { action: 'kms:PutKeyPolicy', resource: KEY, context: OTHERS }],
    [
      'tag a key of others as ours',
      { action: 'kms:TagResource', resource: KEY, context: { ...OTHERS, ...AS_OURS } },
    ],
    ['make a key that is not tagged as ours', { action: 'kms:CreateKey', resource: '*' }],
    [
      'point an alias of ours at a key of others',
      { action: 'kms:CreateAlias', resource: KEY, context: OTHERS },
    ],
    [
      'turn off what invokes a function of others',
      {
        action: 'lambda:UpdateEventSourceMapping',
        resource: arn('lambda', 'event-source-mapping:1'),
        context: { 'lambda:FunctionArn': arn('lambda', 'function:payroll') },
      },
    ],
  ])('may not %s', (_, call) => {
    expect(isAllowed(statements, call)).toBe(false);
  });

  it.each<readonly [string, Call]>([
    ['make a role within the boundary', { action: 'iam:CreateRole', resource: ROLE, context: WITHIN }],
    ['say what it may do', { action: 'iam:PutRolePolicy', resource: ROLE, context: WITHIN }],
    [
      'put a role that was made without the boundary within it',
      { action: 'iam:PutRolePermissionsBoundary', resource: ROLE, context: WITHIN },
    ],
    ['hand it to a function', { action: 'iam:PassRole', resource: ROLE, context: TO_LAMBDA }],
    ['remove it', { action: 'iam:DeleteRole', resource: ROLE }],
    ['make a key that is tagged as ours', { action: 'kms:CreateKey', resource: '*', context: AS_OURS }],
    ['tag it while it is made', { action: 'kms:TagResource', resource: KEY, context: AS_OURS }],
    ['delete it', { action: 'kms:ScheduleKeyDeletion', resource: KEY, context: OURS }],
    [
      'change what invokes a function of ours',
      {
        action: 'lambda:UpdateEventSourceMapping',
        resource: arn('lambda', 'event-source-mapping:1'),
        context: { 'lambda:FunctionArn': arn('lambda', 'function:smoother-ingestion') },
      },
    ],
    // SNS asks about these for any resource: a subscription is none.
    ['see a subscription', { action: 'sns:GetSubscriptionAttributes', resource: '*' }],
    ['change it', { action: 'sns:SetSubscriptionAttributes', resource: '*' }],
    ['end it', { action: 'sns:Unsubscribe', resource: '*' }],
  ])('may %s', (_, call) => {
    expect(isAllowed(statements, call)).toBe(true);
  });
});

describe('the boundary', () => {
  /** As Terraform fills them in. */
  const known = (policy: unknown): string =>
    String(policy)
      .replaceAll(/\$\{aws_sqs_queue\.(\w+)\.arn\}/g, `arn:aws:sqs:eu-west-1:${ACCOUNT}:smoother-$1`)
      .replaceAll(/\$\{aws_dynamodb_table\.(\w+)\.arn\}/g, arn('dynamodb', 'table/smoother-$1'))
      .replaceAll(/\$\{aws_s3_bucket\.\w+\.arn\}/g, 'arn:aws:s3:::smoother-bedrock-calls')
      .replaceAll(
        /\$\{aws_cloudwatch_log_group\.[\w-]+\.arn\}/g,
        arn('logs', 'log-group:/aws/lambda/smoother-f'),
      )
      .replaceAll(/\$\{aws_kms_key\.\w+\.arn\}/g, arn('kms', 'key/1'));

  const callsOf = ({ Action, Resource }: PolicyStatement): readonly Call[] =>
    Action.flatMap((action) => Resource.map((resource) => ({ action, resource })));

  const measured = {
    models: {
      haiku: { ...TWO_POOLS.models.haiku, headroom: 'measured' },
      lite: {
        model_id: 'us.amazon.nova-lite-v1:0',
        quota: 'service-quotas',
        fallback_quota: { tokens_per_minute: 1000 },
      },
    },
  };

  it.each([
    ['with the defaults', {}],
    ['with a key, quotas of AWS and a URL', { ...measured, kms_key: 'create', function_url: true }],
    ['with API keys', { ...TWO_POOLS, api_authorization: 'api_key' }],
    [
      'with somebody else’s key',
      { kms_key: 'arn:aws:kms:eu-west-1:210987654321:key/11111111-2222-3333-4444-555555555555' },
    ],
  ])('lets every function do all it does, %s', (_, context) => {
    const stack = synthStack(settingsOf({ default_model: 'haiku', ...context, aws_region: 'eu-west-1' }));
    const calls = resourcesOf(stack, 'aws_iam_role_policy')
      .flatMap(([, { policy }]) => statementsOf(known(policy)))
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(callsOf);

    expect(calls.length).toBeGreaterThan(100);
    expect(calls.filter((call) => !isAllowed(boundary, call))).toEqual([]);
  });

  it.each<readonly [string, Call]>([
    ['roles', { action: 'iam:CreateRole', resource: ROLE }],
    ['queues of others', { action: 'sqs:SendMessage', resource: arn('sqs', 'payroll') }],
    ['objects of others', { action: 's3:GetObject', resource: 'arn:aws:s3:::payroll/may.csv' }],
    ['secrets', { action: 'secretsmanager:GetSecretValue', resource: arn('secretsmanager', 'secret:x') }],
  ])('lets no function near %s', (_, call) => {
    expect(isAllowed(boundary, call)).toBe(false);
  });

  it('fits into a policy, and what the role may do into a role', () => {
    // IAM's own limits, without white space, and room for the longest region.
    expect(JSON.stringify(boundary).replaceAll(/\s/g, '').length).toBeLessThan(6144 - 500);
    expect(JSON.stringify(statements).replaceAll(/\s/g, '').length).toBeLessThan(10_240 - 1000);
  });

  it('is put on every role of a deployment whose settings name it, and on none otherwise', () => {
    const policy = 'arn:aws:iam::123456789012:policy/smoother-deployer-boundary-us-east-1';
    const boundariesOf = (context: object) =>
      resourcesOf(synthStack(settingsOf({ function_url: true, ...context })), 'aws_iam_role').map(
        ([, { permissions_boundary }]) => permissions_boundary,
      );

    expect(boundariesOf({ permissions_boundary: policy })).toEqual(Array(6).fill(policy));
    expect(boundariesOf({})).toEqual(Array(6).fill(undefined));
    expect(() => settingsOf({ permissions_boundary: 'boundary' })).toThrow(
      'permissions_boundary must be the ARN of an IAM policy.',
    );
  });
});
