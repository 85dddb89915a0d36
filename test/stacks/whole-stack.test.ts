import { FUNCTIONS, mappingsOf } from '../../shared/contract/functions.ts';
import {
  type Attributes,
  type PolicyStatement,
  ref,
  removeFolders,
  resourcesOf,
  type Synthesized,
  settingsOf,
  statementsOf,
  synthStack,
  TWO_POOLS,
} from './harness.ts';

afterAll(removeFolders);

const POOLS = { ...TWO_POOLS, default_model: 'haiku' };
const KEY_ARN = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555';

const STACKS: readonly (readonly [string, Synthesized])[] = [
  ['as cdktf.json has it', synthStack(settingsOf(POOLS))],
  [
    'with everything',
    synthStack(
      settingsOf({
        ...POOLS,
        environment: 'staging',
        kms_key: 'create',
        deletion_protection: true,
        function_url: true,
        cors_origins: ['https://app.example.com'],
        input_queue_senders: ['123456789012', 'arn:aws:iam::123456789012:role/producer'],
        api_authorization: 'jwt',
        jwt: { issuer: 'https://issuer.example.com', audience: ['smoother'] },
        spend_alarm_usd_per_hour: 1,
        monthly_budget_usd: 10,
      }),
    ),
  ],
  ['with a key of somebody else’s', synthStack(settingsOf({ ...POOLS, kms_key: KEY_ARN }))],
];

/** What policies say about resources of each type that has some. */
const statementsIn = (stack: Synthesized, type: string): readonly PolicyStatement[] =>
  resourcesOf(stack, type).flatMap(([, { policy }]) => statementsOf(policy));

const denies = (statements: readonly PolicyStatement[], arn: string): boolean =>
  statements.some(
    ({ Effect, Principal, Resource, Condition }) =>
      Effect === 'Deny' &&
      Principal === '*' &&
      Resource.includes(arn) &&
      JSON.stringify(Condition) === '{"Bool":{"aws:SecureTransport":"false"}}',
  );

const undefinedIn = (
  named: readonly (readonly [string, Attributes])[],
  attribute: string,
): readonly string[] =>
  named.filter(([, attributes]) => attributes[attribute] === undefined).map(([name]) => name);

describe.each(STACKS)('the stack %s', (_, stack) => {
  const queues = resourcesOf(stack, 'aws_sqs_queue');
  const functions = resourcesOf(stack, 'aws_lambda_function');

  it('encrypts everything that lies somewhere', () => {
    const open = queues.filter(
      ([, queue]) => queue.sqs_managed_sse_enabled !== true && queue.kms_master_key_id === undefined,
    );
    const tables = resourcesOf(stack, 'aws_dynamodb_table').map(([, table]) => table.server_side_encryption);

    expect(open).toEqual([]);
    expect(tables).toMatchObject([{ enabled: true }, { enabled: true }]);
    expect(resourcesOf(stack, 'aws_s3_bucket_server_side_encryption_configuration')).toHaveLength(1);
    expect(undefinedIn(resourcesOf(stack, 'aws_sns_topic'), 'kms_master_key_id')).toEqual([]);
  });

  it('lets nobody in without TLS', () => {
    const policies = ['aws_sqs_queue_policy', 'aws_s3_bucket_policy', 'aws_sns_topic_policy'].flatMap(
      (type) => statementsIn(stack, type),
    );
    const arns = ['aws_sqs_queue', 'aws_s3_bucket', 'aws_sns_topic'].flatMap((type) =>
      resourcesOf(stack, type).map(([name]) => ref(`${type}.${name}.arn`)),
    );

    expect(arns.length).toBeGreaterThan(25);
    expect(arns.filter((arn) => !denies(policies, arn))).toEqual([]);
  });

  it('keeps no log for ever', () => {
    const groups = resourcesOf(stack, 'aws_cloudwatch_log_group');

    expect(groups.length).toBeGreaterThan(functions.length);
    expect(undefinedIn(groups, 'retention_in_days')).toEqual([]);
  });

  it('has dead letters for every queue, or a reason', () => {
    const takes = resourcesOf(stack, 'aws_sqs_queue_redrive_allow_policy').map(
      ([, { queue_url }]) => queue_url,
    );
    const without = queues.filter(
      ([name, queue]) =>
        queue.redrive_policy === undefined && !takes.includes(ref(`aws_sqs_queue.${name}.url`)),
    );

    // Callers read it: what becomes of a message that fails is theirs to say.
    expect(without.map(([name]) => name)).toEqual(['results']);
  });

  it('hides what a function works on for as long as it may take', () => {
    const times: Readonly<Record<string, number>> = { input: 6, wake: 1, batches: 1 };
    for (const { queue, function: name } of mappingsOf(2)) {
      const [, found] = queues.find(([id]) => id === queue) ?? [];
      expect(found?.visibility_timeout_seconds).toBeGreaterThanOrEqual(
        (times[queue] ?? 6) * FUNCTIONS[name].timeoutSeconds,
      );
    }
  });

  it('traces every function, logs in JSON, and keeps nothing for who did not wait', () => {
    const configs = resourcesOf(stack, 'aws_lambda_function_event_invoke_config');

    expect(configs).toHaveLength(functions.length);
    for (const [, config] of configs)
      expect(config).toMatchObject({ maximum_retry_attempts: 0, maximum_event_age_in_seconds: 300 });
    for (const [, of] of functions)
      expect(of).toMatchObject({
        tracing_config: { mode: 'Active' },
        logging_config: { log_format: 'JSON', application_log_level: 'INFO', system_log_level: 'WARN' },
        runtime: 'nodejs22.x',
        architectures: ['arm64'],
      });
  });

  it('reserves no less than mappings may use', () => {
    const mappings = resourcesOf(stack, 'aws_lambda_event_source_mapping').map(([, mapping]) => mapping);
    const reserved = functions.filter(([, of]) => of.reserved_concurrent_executions !== undefined);

    const hasUrl = resourcesOf(stack, 'aws_lambda_function_url').length > 0;

    expect(new Set(reserved.map(([, of]) => of.reserved_concurrent_executions))).toEqual(
      new Set(hasUrl ? [6, 50, 14] : [6, 50]),
    );
    for (const [id, of] of reserved) {
      const used = mappings
        .filter(({ function_name }) => function_name === ref(`aws_lambda_function.${id}.arn`))
        .map(
          ({ scaling_config }) =>
            (scaling_config as { readonly maximum_concurrency: number }).maximum_concurrency,
        );
      expect(Number(of.reserved_concurrent_executions)).toBeGreaterThanOrEqual(
        used.reduce((total, one) => total + one, 0),
      );
    }
  });

  it('has an action and a runbook section for every alarm', () => {
    const alarms = ['aws_cloudwatch_metric_alarm', 'aws_cloudwatch_composite_alarm'].flatMap((type) =>
      resourcesOf(stack, type),
    );

    expect(alarms.length).toBeGreaterThan(25);
    for (const [, { alarm_actions, alarm_description }] of alarms) {
      expect(alarm_actions).toEqual([expect.stringMatching(/^\$\{aws_sns_topic\.\w+\.arn\}$/)]);
      expect(alarm_description).toMatch(/ Runbook: docs\/operations\.md#[a-z0-9-]+$/);
    }
  });

  it('allows no action of a service as a whole, but in the key’s own policy', () => {
    const allowed = [
      'aws_iam_role_policy',
      'aws_sqs_queue_policy',
      'aws_s3_bucket_policy',
      'aws_sns_topic_policy',
    ].flatMap((type) => statementsIn(stack, type).filter(({ Effect }) => Effect === 'Allow'));

    expect(allowed.length).toBeGreaterThan(20);
    expect(allowed.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
  });
});

describe('deletion protection', () => {
  const isProtected = (stack: Synthesized) => [
    ...resourcesOf(stack, 'aws_dynamodb_table').map(([, of]) => [
      of.deletion_protection_enabled,
      of.lifecycle,
    ]),
    ...resourcesOf(stack, 'aws_s3_bucket').map(([, of]) => of.lifecycle),
  ];

  it('is of tables and bucket, where it is asked for', () => {
    const prevent = { prevent_destroy: true };

    expect(isProtected(STACKS[1]?.[1] as Synthesized)).toEqual([[true, prevent], [true, prevent], prevent]);
    expect(isProtected(STACKS[0]?.[1] as Synthesized)).toEqual([
      [false, undefined],
      [false, undefined],
      undefined,
    ]);
  });
});

describe('a key of the deployment', () => {
  const stack = STACKS[1]?.[1] as Synthesized;
  const KEY = ref('aws_kms_key.key_data.arn');

  it.each([
    ['aws_sqs_queue', 'kms_master_key_id'],
    ['aws_sns_topic', 'kms_master_key_id'],
    ['aws_cloudwatch_log_group', 'kms_key_id'],
    ['aws_lambda_function', 'kms_key_arn'],
  ])('is that of every %s', (type, attribute) => {
    expect(new Set(resourcesOf(stack, type).map(([, of]) => of[attribute]))).toEqual(new Set([KEY]));
  });

  it('is that of tables and bucket', () => {
    for (const [, table] of resourcesOf(stack, 'aws_dynamodb_table'))
      expect(table.server_side_encryption).toEqual({ enabled: true, kms_key_arn: KEY });
    expect(
      JSON.stringify(resourcesOf(stack, 'aws_s3_bucket_server_side_encryption_configuration')),
    ).toContain(`"kms_master_key_id":"${KEY}"`);
  });

  it('may be used by every function, and by the services that send', () => {
    const roles = resourcesOf(stack, 'aws_iam_role_policy').map(([, { policy }]) => statementsOf(policy));
    const [[, key] = []] = resourcesOf(stack, 'aws_kms_key');

    expect(roles).toHaveLength(6);
    for (const statements of roles)
      expect(statements).toContainEqual({
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: [KEY],
      });
    expect(statementsOf(key?.policy).map(({ Sid }) => Sid)).toEqual([
      'Account',
      'cloudwatch',
      'budgets',
      'events',
      'logs',
      'Senders',
    ]);
  });

  it('may be used by those of other accounts who send, for that alone', () => {
    const [[, key] = []] = resourcesOf(stack, 'aws_kms_key');

    expect(statementsOf(key?.policy).filter(({ Sid }) => Sid === 'Senders')).toEqual([
      {
        Sid: 'Senders',
        Effect: 'Allow',
        Principal: { AWS: ['123456789012', 'arn:aws:iam::123456789012:role/producer'] },
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: ['*'],
        Condition: { StringEquals: { 'kms:ViaService': 'sqs.us-east-1.amazonaws.com' } },
      },
    ]);
  });

  it('may be used by no service that sends nothing, where it is of alarms alone', () => {
    const alarms = synthStack(settingsOf({ ...POOLS, input_queue_senders: ['123456789012'] }));
    const [[, key] = []] = resourcesOf(alarms, 'aws_kms_key');

    expect(statementsOf(key?.policy).map(({ Sid }) => Sid)).toEqual(['Account', 'cloudwatch', 'budgets']);
  });

  it('is one that is there already where an ARN names it', () => {
    const given = STACKS[2]?.[1] as Synthesized;

    expect(resourcesOf(given, 'aws_kms_key')).toEqual([]);
    expect(new Set(resourcesOf(given, 'aws_sqs_queue').map(([, of]) => of.kms_master_key_id))).toEqual(
      new Set([KEY_ARN]),
    );
    expect(new Set(resourcesOf(given, 'aws_sns_topic').map(([, of]) => of.kms_master_key_id))).toEqual(
      new Set([KEY_ARN]),
    );
  });
});

describe('the settings of a deployment', () => {
  const stack = STACKS[1]?.[1] as Synthesized;

  it('let named principals send to the input queue, and to no other', () => {
    const others = statementsIn(stack, 'aws_sqs_queue_policy').filter(({ Sid }) => Sid === 'Senders');

    expect(others).toEqual([
      {
        Sid: 'Senders',
        Effect: 'Allow',
        Principal: { AWS: ['123456789012', 'arn:aws:iam::123456789012:role/producer'] },
        Action: ['sqs:SendMessage', 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes'],
        Resource: [ref('aws_sqs_queue.input.arn')],
      },
    ]);
  });

  it('take tokens of an issuer, where asked for', () => {
    const [[id, authorizer] = []] = resourcesOf(stack, 'aws_apigatewayv2_authorizer');
    const routes = resourcesOf(stack, 'aws_apigatewayv2_route').map(([, route]) => route);

    expect(authorizer).toMatchObject({
      authorizer_type: 'JWT',
      identity_sources: ['$request.header.Authorization'],
      jwt_configuration: { issuer: 'https://issuer.example.com', audience: ['smoother'] },
    });
    for (const { authorization_type, authorizer_id, route_key } of routes)
      expect([authorization_type, authorizer_id]).toEqual(
        route_key === 'OPTIONS /{proxy+}'
          ? ['NONE', undefined]
          : ['JWT', ref(`aws_apigatewayv2_authorizer.${id}.id`)],
      );
  });

  it('limit the API, and log who asks it what', () => {
    const limited = synthStack(settingsOf({ api_requests_per_second: 7, api_burst_requests: 9 }));
    const [[, stage] = []] = resourcesOf(limited, 'aws_apigatewayv2_stage');
    const { format } = (stage?.access_log_settings ?? {}) as { readonly format?: string };

    expect(stage?.default_route_settings).toMatchObject({
      throttling_rate_limit: 7,
      throttling_burst_limit: 9,
    });
    expect(JSON.parse(format ?? '{}')).toMatchObject({
      status: '$context.status',
      caller: '$context.identity.userArn',
    });
  });

  it('open a URL for reads that stream, signed, where asked for', () => {
    expect(resourcesOf(stack, 'aws_lambda_function_url').map(([, url]) => url)).toMatchObject([
      { authorization_type: 'AWS_IAM', invoke_mode: 'RESPONSE_STREAM' },
    ]);
    expect(Object.keys(stack.outputs)).toContain('read_url');
    expect(resourcesOf(STACKS[0]?.[1] as Synthesized, 'aws_lambda_function_url')).toEqual([]);
  });

  it('are in every name of an environment', () => {
    const names = [
      'aws_sqs_queue',
      'aws_dynamodb_table',
      'aws_lambda_function',
      'aws_iam_role',
      'aws_cloudwatch_event_rule',
    ].flatMap((type) => resourcesOf(stack, type).map(([, of]) => String(of.name ?? of.function_name)));

    expect(names.length).toBeGreaterThan(40);
    expect(names.filter((name) => !name.startsWith('smoother-staging-'))).toEqual([]);
    expect(stack.providers.aws).toEqual([
      {
        region: 'us-east-1',
        default_tags: [{ tags: { Application: 'bedrock-request-smoother', Environment: 'staging' } }],
      },
    ]);
  });

  it('keep Terraform’s state in a file, or in S3 with a lock', () => {
    const backendOf = (context: Attributes) =>
      (
        JSON.parse(synthStack(settingsOf(context)).text) as {
          readonly terraform: { readonly backend: unknown };
        }
      ).terraform.backend;

    expect(backendOf({ environment: 'dev' })).toEqual({
      local: { path: '../../../terraform.smoother-dev.tfstate' },
    });
    expect(backendOf({ terraform_state: { bucket: 'company-state' }, environment: 'dev' })).toEqual({
      s3: {
        bucket: 'company-state',
        key: 'smoother-dev/terraform.tfstate',
        region: 'us-east-1',
        encrypt: true,
        use_lockfile: true,
      },
    });
  });

  it('reserve nothing where the account has little', () => {
    const small = synthStack(settingsOf({ reserve_concurrency: false }));

    expect(
      resourcesOf(small, 'aws_lambda_function').filter(
        ([, of]) => of.reserved_concurrent_executions !== undefined,
      ),
    ).toEqual([]);
  });

  it.each([
    [{ api_authorization: 'password' }, 'api_authorization must be one of iam, jwt, api_key, none.'],
    [{ api_authorization: 'jwt' }, 'jwt is needed with `api_authorization` `jwt`: `{issuer, audience}`.'],
    [
      { environment: 'Much_Too_Long_A_Name' },
      'environment must be 1-12 small letters, digits and `-`, beginning with a letter.',
    ],
    [{ kms_key: 'mine' }, 'kms_key must be `aws`, `create` or the ARN of a KMS key.'],
  ])('%j is refused', (context, fault) => {
    expect(() => settingsOf(context)).toThrow(fault);
  });
});
