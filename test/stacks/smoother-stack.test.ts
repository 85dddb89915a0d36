import 'cdktf/lib/testing/adapters/jest';
import { Apigatewayv2Stage } from '@cdktf/provider-aws/lib/apigatewayv2-stage';
import { Testing } from 'cdktf';
import { parseEnvironment } from '../../functions/runtime/environment.ts';
import { FUNCTION_ENV } from '../../shared/contract/env.ts';
import { FUNCTIONS, type FunctionName } from '../../shared/contract/functions.ts';
import { physicalName } from '../../shared/contract/resources.ts';
import { ROUTES } from '../../shared/contract/routes.ts';
import {
  functionSettingsOf,
  ref,
  removeFolders,
  resourcesOf,
  resourceWith,
  settingsOf,
  statementsOf,
  synthStack,
  TWO_POOLS,
} from './harness.ts';

Testing.setupJest();
afterAll(removeFolders);

const SETTINGS = settingsOf({
  ...TWO_POOLS,
  default_model: 'haiku',
  aws_region: 'eu-central-1',
  alarm_threshold: 7,
  alarm_evaluation_periods: 3,
  dashboard_name: 'my-board',
  log_retention_days: 90,
});
const stack = synthStack(SETTINGS);
/** All but the one that nobody needs with the settings of this stack. */
const FUNCTION_NAMES = (Object.keys(FUNCTIONS) as FunctionName[]).filter((name) => name !== 'notification');
const ACCOUNT = ref('data.aws_caller_identity.caller.account_id');

const functionCalled = (name: FunctionName) =>
  resourceWith(stack, 'aws_lambda_function', ['function_name', physicalName(name)]);

const variablesOf = (name: FunctionName): Readonly<Record<string, string>> =>
  (functionCalled(name).environment as { readonly variables: Record<string, string> }).variables;

const permissionsOf = (name: FunctionName) =>
  statementsOf(resourceWith(stack, 'aws_iam_role_policy', ['name', physicalName(name)]).policy);

const rolePolicies = resourcesOf(stack, 'aws_iam_role_policy').flatMap(([, { policy }]) =>
  statementsOf(policy),
);

const resourcePolicies = [
  ...resourcesOf(stack, 'aws_sqs_queue_policy'),
  ...resourcesOf(stack, 'aws_s3_bucket_policy'),
].flatMap(([, { policy }]) => statementsOf(policy));

const queue = (name: string) => `${ref(`aws_sqs_queue.${name}.arn`)}`;
const bucket = ref('aws_s3_bucket.bedrock_calls.arn');

describe('queues', () => {
  const queues = resourcesOf(stack, 'aws_sqs_queue');

  it('are all there', () => {
    expect(queues.map(([, { name }]) => name).sort()).toEqual([
      'smoother-batches',
      'smoother-batches-dlq',
      'smoother-dead-letter-haiku',
      'smoother-dead-letter-nova-lite',
      'smoother-hold-haiku-high-bulk-0',
      'smoother-hold-haiku-high-bulk-1',
      'smoother-hold-haiku-high-express',
      'smoother-hold-haiku-low-bulk-0',
      'smoother-hold-haiku-low-bulk-1',
      'smoother-hold-haiku-low-express',
      'smoother-hold-haiku-normal-bulk-0',
      'smoother-hold-haiku-normal-bulk-1',
      'smoother-hold-haiku-normal-express',
      'smoother-hold-nova-lite-high-bulk-0',
      'smoother-hold-nova-lite-high-bulk-1',
      'smoother-hold-nova-lite-high-express',
      'smoother-hold-nova-lite-low-bulk-0',
      'smoother-hold-nova-lite-low-bulk-1',
      'smoother-hold-nova-lite-low-express',
      'smoother-hold-nova-lite-normal-bulk-0',
      'smoother-hold-nova-lite-normal-bulk-1',
      'smoother-hold-nova-lite-normal-express',
      'smoother-input',
      'smoother-input-dlq',
      'smoother-parked-haiku',
      'smoother-parked-nova-lite',
      'smoother-results',
      'smoother-wake',
      'smoother-wake-dlq',
    ]);
  });

  it.each(queues)('%s is encrypted and reached over TLS only', (name, attributes) => {
    const { policy } = resourceWith(stack, 'aws_sqs_queue_policy', [
      'queue_url',
      ref(`aws_sqs_queue.${name}.url`),
    ]);

    expect(attributes.sqs_managed_sse_enabled).toBe(true);
    expect(statementsOf(policy)).toContainEqual({
      Sid: 'OnlyTls',
      Effect: 'Deny',
      Principal: '*',
      Action: ['sqs:*'],
      Resource: [queue(name)],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
  });

  it.each(queues)('%s has dead letters, takes them, or is read by callers', (name, attributes) => {
    // Its messages repeat what the bucket holds: whoever reads it decides what to do with one that fails.
    if (name === 'results') return;
    const takes = resourcesOf(stack, 'aws_sqs_queue_redrive_allow_policy').filter(
      ([, policy]) => policy.queue_url === ref(`aws_sqs_queue.${name}.url`),
    );

    expect(takes).toHaveLength(attributes.redrive_policy === undefined ? 1 : 0);
  });

  it.each([
    ['input', 'ingestion', 6],
    ['wake', 'prioritization', 1],
  ] as const)('%s hides a message for the time of %s, %d times', (queueName, functionName, times) => {
    const { visibility_timeout_seconds } = resourceWith(stack, 'aws_sqs_queue', [
      'name',
      physicalName(queueName),
    ]);

    expect(Number(visibility_timeout_seconds)).toBeGreaterThanOrEqual(
      times * Number(functionCalled(functionName).timeout),
    );
  });

  it.each([
    ['input', 'ingestion', 10, 10],
    ['wake', 'prioritization', 1, 6],
  ] as const)('%s invokes %s, which reports what failed', (queueName, functionName, size, concurrency) => {
    const mapping = resourceWith(stack, 'aws_lambda_event_source_mapping', [
      'event_source_arn',
      queue(queueName),
    ]);

    expect(mapping).toMatchObject({
      function_name: expect.stringMatching(new RegExp(`^\\$\\{aws_lambda_function\\.${functionName}_`)),
      batch_size: size,
      function_response_types: ['ReportBatchItemFailures'],
      scaling_config: { maximum_concurrency: concurrency },
    });
  });
});

describe('functions', () => {
  it.each(FUNCTION_NAMES)('%s has the variables of the contract, and the code reads them', (name) => {
    const variables = variablesOf(name);

    expect(Object.keys(variables).sort()).toEqual([...FUNCTION_ENV[name]].sort());
    expect(parseEnvironment(name, { ...variables, AWS_REGION: 'eu-central-1' }).settings).toEqual(
      functionSettingsOf({ ...TWO_POOLS, default_model: 'haiku', aws_region: 'eu-central-1' }),
    );
  });

  it('find every store by the name it has', () => {
    expect(variablesOf('prioritization')).toMatchObject({
      SMOOTHER_QUEUE_URL_PREFIX: `https://sqs.eu-central-1.amazonaws.com/${ACCOUNT}/smoother-`,
      SMOOTHER_REQUESTS_TABLE: ref('aws_dynamodb_table.requests.name'),
      SMOOTHER_REPORTING_TABLE: ref('aws_dynamodb_table.reporting.name'),
      SMOOTHER_BUCKET: ref('aws_s3_bucket.bedrock_calls.bucket'),
    });
  });

  it('have settings in which Terraform sees no expression', () => {
    const models = {
      haiku: { model_id: 'amazon.a', also_known_as: [ref('x'), '%{y}'], quota: { tokens_per_minute: 1 } },
    };
    const [[, attributes] = []] = resourcesOf(synthStack(settingsOf({ models })), 'aws_lambda_function');

    expect(JSON.stringify(attributes?.environment)).toContain(`$${ref('x')}`);
    expect(JSON.stringify(attributes?.environment)).toContain('%%{y}');
  });

  it('keep their logs for the time that is set', () => {
    expect(resourcesOf(stack, 'aws_cloudwatch_log_group').map(([, log]) => log)).toEqual([
      { name: '/aws/vendedlogs/smoother-api', retention_in_days: 90 },
      ...FUNCTION_NAMES.toSorted().map((name) => ({
        name: `/aws/lambda/smoother-${name}`,
        retention_in_days: 90,
      })),
    ]);
  });
});

describe('permissions', () => {
  const LOG = {
    Sid: 'Log',
    Effect: 'Allow',
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: [expect.stringMatching(/^\$\{aws_cloudwatch_log_group\.\w+\.arn\}:\*$/)],
  };
  const TRACE = {
    Sid: 'Trace',
    Effect: 'Allow',
    Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    Resource: ['*'],
  };
  const deadLetter = (name: string) => ({
    Sid: 'DeadLetter',
    Effect: 'Allow',
    Action: ['sqs:SendMessage'],
    Resource: [queue(name)],
  });
  const REQUESTS = ref('aws_dynamodb_table.requests.arn');
  // Nine queues a pool, and nothing else that is called so: the policies of a role have room for few of them by name.
  const lanesOf = (pool: string) => `arn:aws:sqs:eu-central-1:${ACCOUNT}:smoother-hold-${pool}-*`;
  const HAIKU_PROFILE = `arn:aws:bedrock:eu-central-1:${ACCOUNT}:inference-profile/us.anthropic.claude-haiku-4-5-20251001-v1:0`;
  const LANES = [lanesOf('haiku'), queue('parked_haiku'), lanesOf('nova-lite'), queue('parked_nova_lite')];
  const allow = (Action: readonly string[], ...Resource: readonly string[]) => ({
    Effect: 'Allow',
    Action,
    Resource,
  });
  const beInvokedBy = (name: string) => ({
    Sid: 'Mapping',
    ...allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], queue(name)),
  });

  it('of ingestion are what it does', () => {
    expect(permissionsOf('ingestion')).toEqual([
      LOG,
      TRACE,
      deadLetter('input_dlq'),
      beInvokedBy('input'),
      allow(
        ['sqs:SendMessage'],
        queue('input_dlq'),
        queue('wake'),
        queue('results'),
        queue('batches'),
        ...LANES,
      ),
      allow(
        ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
        queue('dead_letter_haiku'),
        queue('dead_letter_nova_lite'),
      ),
      allow(
        ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        REQUESTS,
      ),
      allow(['dynamodb:Query'], `${REQUESTS}/index/dead-letters`),
      allow(['s3:PutObject'], `${bucket}/inputs/*`, `${bucket}/batches/*`, `${bucket}/uploads/*`),
      allow(['s3:PutObject'], `${bucket}/results/*`),
      allow(['dynamodb:GetItem', 'dynamodb:PutItem'], ref('aws_dynamodb_table.reporting.arn')),
      allow(['s3:GetObject'], `${bucket}/inputs/*`, `${bucket}/results/*`, `${bucket}/uploads/*`),
      allow(['s3:ListBucket'], bucket),
    ]);
  });

  it('of prioritization are what it does', () => {
    expect(permissionsOf('prioritization')).toEqual([
      LOG,
      TRACE,
      deadLetter('wake_dlq'),
      beInvokedBy('wake'),
      allow(
        ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
        ...LANES,
      ),
      allow(
        ['sqs:SendMessage'],
        queue('results'),
        queue('parked_haiku'),
        queue('parked_nova_lite'),
        queue('dead_letter_haiku'),
        queue('dead_letter_nova_lite'),
      ),
      allow(
        ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        REQUESTS,
      ),
      allow(['dynamodb:GetItem', 'dynamodb:PutItem'], ref('aws_dynamodb_table.reporting.arn')),
      allow(['s3:PutObject'], `${bucket}/inputs/*`, `${bucket}/results/*`),
      allow(['s3:GetObject'], `${bucket}/inputs/*`, `${bucket}/results/*`),
      allow(['s3:ListBucket'], bucket),
      {
        Sid: 'NotThroughBedrock',
        Effect: 'Deny',
        Action: ['s3:GetObject'],
        Resource: [`${bucket}/*`],
        Condition: { Bool: { 'aws:ViaAWSService': 'true' } },
      },
      allow(
        ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'],
        HAIKU_PROFILE,
        'arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-lite-v1:0',
      ),
      {
        ...allow(
          ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'],
          'arn:aws:bedrock:*::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0',
        ),
        Condition: { StringEquals: { 'bedrock:InferenceProfileArn': [HAIKU_PROFILE] } },
      },
    ]);
  });

  it('of prioritization reach every target of a pool, each in its region', () => {
    const haiku = { ...TWO_POOLS.models.haiku };
    const model = 'anthropic.claude-haiku-4-5-20251001-v1:0';
    const targets = [
      { model_id: `global.${model}`, quota: haiku.quota },
      { model_id: `us.${model}`, region: 'us-west-2', quota: haiku.quota },
      { model_id: 'amazon.nova-lite-v1:0', region: 'eu-west-1', quota: haiku.quota },
    ];
    const deployed = synthStack(
      settingsOf({ models: { haiku: { ...haiku, targets } }, aws_region: 'us-east-1' }),
    );
    const { policy } = resourceWith(deployed, 'aws_iam_role_policy', [
      'name',
      physicalName('prioritization'),
    ]);
    const actions = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];
    const profiles = [
      `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/us.${model}`,
      `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/global.${model}`,
      `arn:aws:bedrock:us-west-2:${ACCOUNT}:inference-profile/us.${model}`,
    ];
    expect(statementsOf(policy).filter(({ Action }) => Action.includes('bedrock:InvokeModel'))).toEqual([
      allow(actions, ...profiles, 'arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0'),
      {
        ...allow(actions, `arn:aws:bedrock:*::foundation-model/${model}`),
        Condition: { StringEquals: { 'bedrock:InferenceProfileArn': profiles } },
      },
    ]);
  });

  it('of the splitter are what it does', () => {
    expect(permissionsOf('splitter')).toEqual([
      LOG,
      TRACE,
      deadLetter('batches_dlq'),
      beInvokedBy('batches'),
      allow(['sqs:ChangeMessageVisibility'], queue('batches')),
      allow(['sqs:SendMessage'], queue('wake'), queue('results'), ...LANES),
      allow(
        ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        REQUESTS,
      ),
      allow(['s3:PutObject'], `${bucket}/inputs/*`, `${bucket}/batches/*`, `${bucket}/results/*`),
      allow(['s3:GetObject'], `${bucket}/batches/*`, `${bucket}/uploads/*`, `${bucket}/results/*`),
      allow(['s3:ListBucket'], bucket),
    ]);
  });

  it('of the reconciler are what it does, and it is the only one that may scan', () => {
    expect(permissionsOf('reconciler')).toEqual([
      LOG,
      TRACE,
      allow(['sqs:GetQueueAttributes'], ...LANES, queue('batches')),
      allow(['sqs:SendMessage'], queue('results'), queue('batches')),
      allow(
        [
          'dynamodb:Scan',
          'dynamodb:GetItem',
          'dynamodb:BatchGetItem',
          'dynamodb:PutItem',
          'dynamodb:UpdateItem',
        ],
        REQUESTS,
      ),
      allow(['dynamodb:PutItem'], ref('aws_dynamodb_table.reporting.arn')),
      allow(['s3:PutObject'], `${bucket}/results/*`),
    ]);
    for (const name of ['ingestion', 'prioritization', 'splitter', 'query'] as const)
      expect(permissionsOf(name).flatMap(({ Action }) => Action)).not.toContain('dynamodb:Scan');
  });

  it('by the clock: the reconciler every hour', () => {
    expect(
      resourceWith(stack, 'aws_cloudwatch_event_rule', ['name', physicalName('run-reconciler')]),
    ).toMatchObject({ schedule_expression: 'rate(1 hour)' });
    expect(
      resourcesOf(stack, 'aws_cloudwatch_event_target').map(([, { arn }]) => String(arn)),
    ).toContainEqual(expect.stringMatching(/^\$\{aws_lambda_function\.reconciler_function_\w+\.arn\}$/));
  });

  it('of query are what it does', () => {
    expect(permissionsOf('query')).toEqual([
      LOG,
      TRACE,
      allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem'], REQUESTS),
      allow(
        ['dynamodb:Query'],
        `${REQUESTS}/index/attention`,
        `${REQUESTS}/index/dead-letters`,
        `${REQUESTS}/index/batches`,
      ),
      allow(['dynamodb:GetItem', 'dynamodb:Query'], ref('aws_dynamodb_table.reporting.arn')),
      allow(['s3:GetObject'], `${bucket}/results/*`),
      allow(['s3:ListBucket'], bucket),
    ]);
  });

  it('of prioritization include a look at Service Quotas where a pool asks for one, and only there', () => {
    const quota = allow(
      ['servicequotas:ListServiceQuotas', 'servicequotas:ListAWSDefaultServiceQuotas'],
      '*',
    );
    const asking = synthStack({
      ...SETTINGS,
      models: settingsOf({
        models: {
          lite: {
            model_id: 'us.amazon.nova-lite-v1:0',
            quota: 'service-quotas',
            fallback_quota: { tokens_per_minute: 1000 },
          },
        },
      }).models,
    });
    const policyOf = (name: FunctionName) =>
      statementsOf(resourceWith(asking, 'aws_iam_role_policy', ['name', physicalName(name)]).policy);

    expect(policyOf('prioritization')).toContainEqual(quota);
    for (const name of ['ingestion', 'splitter', 'reconciler', 'query'] as const)
      expect(policyOf(name)).not.toContainEqual(quota);
    expect(permissionsOf('prioritization')).not.toContainEqual(quota);
  });

  it('of prioritization include the metrics of Bedrock where a pool measures its headroom, and only there', () => {
    const measuring = synthStack({
      ...SETTINGS,
      models: settingsOf({
        models: { lite: { model_id: 'm', quota: { tokens_per_minute: 1000 }, headroom: 'measured' } },
      }).models,
    });
    const policy = statementsOf(
      resourceWith(measuring, 'aws_iam_role_policy', ['name', physicalName('prioritization')]).policy,
    );
    const metrics = allow(['cloudwatch:GetMetricData'], '*');
    const ledger = allow(['dynamodb:Query'], ref('aws_dynamodb_table.reporting.arn'));

    expect(policy).toContainEqual(metrics);
    expect(policy).toContainEqual(ledger);
    expect(permissionsOf('prioritization')).not.toContainEqual(metrics);
    expect(permissionsOf('prioritization')).not.toContainEqual(ledger);
  });

  it('never allow every action of a service', () => {
    const allowed = [...rolePolicies, ...resourcePolicies].filter(({ Effect }) => Effect === 'Allow');

    expect(allowed.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
  });

  it('name everything they are for, but for a few', () => {
    const explained: readonly RegExp[] = [
      // The streams of the function's own log group, which Lambda names.
      /^\$\{aws_cloudwatch_log_group\.\w+\.arn\}:\*$/,
      // The objects of one folder of the bucket.
      /^\$\{aws_s3_bucket\.bedrock_calls\.arn\}\/(inputs|results|batches|uploads)\/\*$/,
      // The lanes of one pool.
      /:smoother-hold-(haiku|nova-lite)-\*$/,
      // A profile chooses the region; the model is named.
      /^arn:aws:bedrock:\*::foundation-model\/[^*]+$/,
    ];
    const wide = rolePolicies
      // Traces belong to nothing that could be named.
      .filter(({ Sid, Effect }) => Sid !== 'Trace' && Effect === 'Allow')
      .flatMap(({ Resource }) => Resource)
      .filter((resource) => resource.includes('*'));

    expect(wide.length).toBeGreaterThan(0);
    expect(wide.filter((resource) => !explained.some((pattern) => pattern.test(resource)))).toEqual([]);
  });

  it('are given to services on behalf of named resources only', () => {
    const given = resourcePolicies.filter(({ Effect }) => Effect === 'Allow');

    expect(given).toEqual([
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: ['sqs:SendMessage'],
        Resource: [queue('wake')],
        Condition: {
          ArnEquals: {
            'aws:SourceArn': resourcesOf(stack, 'aws_cloudwatch_event_rule')
              .filter(([name]) => !name.startsWith('reconciler'))
              .map(([name]) => ref(`aws_cloudwatch_event_rule.${name}.arn`)),
          },
        },
      },
    ]);
  });

  it('let only the API and the schedule invoke a function', () => {
    const permissions = resourcesOf(stack, 'aws_lambda_permission').map(([, permission]) => permission);

    expect(permissions).toEqual([
      ...['ingestion', 'query'].map((name) => ({
        statement_id: 'http-api',
        action: 'lambda:InvokeFunction',
        function_name: expect.stringMatching(
          new RegExp(`^\\$\\{aws_lambda_function\\.${name}_function_\\w+\\.function_name\\}$`),
        ),
        principal: 'apigateway.amazonaws.com',
        source_arn: expect.stringMatching(/^\$\{aws_apigatewayv2_api\.\w+\.execution_arn\}\/\*\/\*$/),
      })),
      {
        statement_id: 'Schedule',
        action: 'lambda:InvokeFunction',
        function_name: expect.stringMatching(
          /^\$\{aws_lambda_function\.reconciler_function_\w+\.function_name\}$/,
        ),
        principal: 'events.amazonaws.com',
        source_arn: expect.stringMatching(
          /^\$\{aws_cloudwatch_event_rule\.reconciler-schedule_rule_\w+\.arn\}$/,
        ),
      },
    ]);
  });
});

describe('the HTTP API', () => {
  const routes = new Map(
    resourcesOf(stack, 'aws_apigatewayv2_route').map(([, { route_key, target }]) => [route_key, target]),
  );

  it.each([
    ...ROUTES.map((route) => [`${route.method} ${route.path}`, route.function]),
    ['$default', 'query'],
  ])('leads %s to %s', (routeKey, name) => {
    expect(routes.get(routeKey)).toMatch(
      new RegExp(`^integrations/\\$\\{aws_apigatewayv2_integration\\.http_${name}-integration_\\w+\\.id\\}$`),
    );
  });

  it('lets nobody in without a signature', () => {
    const types = resourcesOf(stack, 'aws_apigatewayv2_route').map(([, route]) => route.authorization_type);
    expect(new Set(types)).toEqual(new Set(['AWS_IAM']));
  });

  it('answers no preflight while no origin is configured', () => {
    const [[, api] = []] = resourcesOf(stack, 'aws_apigatewayv2_api');
    expect(api).not.toHaveProperty('cors_configuration');
  });

  it('lets pages of the configured origins in, and answers their preflights without a signature', () => {
    const open = synthStack(
      settingsOf({ ...TWO_POOLS, cors_origins: ['https://app.example.com'], default_model: 'haiku' }),
    );
    const [[, api] = []] = resourcesOf(open, 'aws_apigatewayv2_api');
    expect(api?.cors_configuration).toEqual({
      allow_origins: ['https://app.example.com'],
      allow_methods: ['GET', 'POST', 'OPTIONS'],
      allow_headers: expect.arrayContaining(['Authorization', 'Idempotency-Key', 'X-Amz-Date']),
      expose_headers: expect.arrayContaining(['Retry-After', 'Location']),
      max_age: 600,
    });
    const unsigned = resourcesOf(open, 'aws_apigatewayv2_route').filter(
      ([, route]) => route.authorization_type !== 'AWS_IAM',
    );
    expect(unsigned.map(([, { route_key }]) => route_key)).toEqual(['OPTIONS /{proxy+}']);
  });

  it('has no other routes', () => {
    expect(routes.size).toBe(ROUTES.length + 1);
  });

  it.each(['ingestion', 'query'])('hands events of version 2.0 to %s', (name) => {
    const [[, integration] = []] = resourcesOf(stack, 'aws_apigatewayv2_integration').filter(([id]) =>
      id.startsWith(`http_${name}-`),
    );

    expect(integration).toMatchObject({
      integration_type: 'AWS_PROXY',
      payload_format_version: '2.0',
      integration_uri: expect.stringMatching(
        new RegExp(`^\\$\\{aws_lambda_function\\.${name}_function_\\w+\\.invoke_arn\\}$`),
      ),
    });
  });

  it('is deployed by itself, without a path of its own', () => {
    expect(stack.text).toHaveResourceWithProperties(Apigatewayv2Stage, {
      name: '$default',
      auto_deploy: true,
    });
  });
});

describe('the schedule', () => {
  it.each(['haiku', 'nova-lite'])('wakes %s once a minute', (pool) => {
    const rules = resourcesOf(stack, 'aws_cloudwatch_event_rule');
    const [[ruleId, rule] = []] = rules.filter(([, { name }]) => name === `smoother-wake-${pool}`);
    const target = resourceWith(stack, 'aws_cloudwatch_event_target', [
      'rule',
      ref(`aws_cloudwatch_event_rule.${ruleId}.name`),
    ]);

    expect(rule).toMatchObject({ schedule_expression: 'rate(1 minute)' });
    expect(target).toMatchObject({ arn: queue('wake'), input: `{"pool":"${pool}","tick":true}` });
  });
});

describe('the whole', () => {
  it('lies in the region of the settings', () => {
    expect(stack.providers.aws).toEqual([
      { region: 'eu-central-1', default_tags: [{ tags: { Application: 'bedrock-request-smoother' } }] },
    ]);
  });

  it('has a bucket whose name nobody else has', () => {
    expect(stack.resources.aws_s3_bucket).toEqual({
      bedrock_calls: { bucket: `smoother-bedrock-calls-${ACCOUNT}-eu-central-1` },
    });
  });

  it('keeps the addresses of what holds data, however constructs move', () => {
    const stateful = ['aws_sqs_queue', 'aws_dynamodb_table', 'aws_s3_bucket'];
    const names = stateful.flatMap((type) => resourcesOf(stack, type).map(([name]) => name));

    // cdktf's own addresses end with a hash of the construct's path.
    expect(names.filter((name) => /_[0-9A-F]{8}$/.test(name))).toEqual([]);
  });

  it('tells where everything is', () => {
    expect(Object.keys(stack.outputs).sort()).toEqual([
      'alarm_topic_arn',
      'api_url',
      'batches_queue_url',
      'bucket',
      'dashboard_url',
      'dead_letter_queue_urls',
      'hold_queue_urls',
      'input_queue_url',
      'reporting_table',
      'requests_table',
      'results_queue_url',
    ]);
    expect(stack.outputs).toMatchObject({
      input_queue_url: { value: ref('aws_sqs_queue.input.url') },
      results_queue_url: { value: ref('aws_sqs_queue.results.url') },
      requests_table: { value: ref('aws_dynamodb_table.requests.name') },
      reporting_table: { value: ref('aws_dynamodb_table.reporting.name') },
      bucket: { value: ref('aws_s3_bucket.bedrock_calls.bucket') },
    });
  });

  it('refuses settings that AWS would refuse', () => {
    const models = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [
        `pool-${index}`,
        { model_id: `amazon.model-${index}`, quota: { tokens_per_minute: 1 } },
      ]),
    );

    expect(() => synthStack(settingsOf({ models }))).toThrow(/^The settings make a function's environment/);
  });
});
