import { randomBytes } from 'node:crypto';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { METRIC_NAMESPACE, METRICS } from '../../shared/contract/metrics.ts';
import { physicalName } from '../../shared/contract/resources.ts';
import {
  type Attributes,
  ref,
  removeFolders,
  resourcesOf,
  resourceWith,
  settingsOf,
  statementsOf,
  synthStack,
} from '../stacks/harness.ts';
import { type DeployedPipeline, type HttpAnswer, startDeployedPipeline } from './deployed-pipeline.ts';

const HAIKU = 'us.anthropic.claude-haiku-4-5-20251001-v1:0';
const SETTINGS = settingsOf({
  models: {
    haiku: {
      model_id: HAIKU,
      quota: 'service-quotas',
      fallback_quota: { tokens_per_minute: 1_000_000_000 },
      prices: { input: 1, output: 5 },
    },
  },
  minutes_to_process: 1,
  operators: ['*'],
});

/** Longer than any of this takes; whoever waits asks again, so that it is over when it is. */
const TIMEOUT_MS = 180_000;

/** Too large for a message, however it is packed. */
const INCOMPRESSIBLE = randomBytes(200_000).toString('base64');

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();

const parse = <T>({ body }: HttpAnswer): T => JSON.parse(body) as T;

interface RequestView {
  readonly request_id: string;
  readonly status: string;
  readonly content?: string;
}

interface BatchView {
  readonly batch_id: string;
  readonly status: string;
  readonly counts: { readonly succeeded: number };
  readonly upload?: {
    readonly url: string;
    readonly method: string;
    readonly headers?: Record<string, string>;
  };
}

describe('the deployed bundles, with the environment of the stack', () => {
  const stack = synthStack(SETTINGS);
  let pipeline: DeployedPipeline;

  beforeAll(async () => {
    pipeline = await startDeployedPipeline(SETTINGS, stack);
  }, TIMEOUT_MS);

  afterAll(async () => {
    await pipeline?.stop();
    removeFolders();
  }, TIMEOUT_MS);

  const untilIs = async <T>(read: () => Promise<T>, isDone: (value: T) => boolean): Promise<T> => {
    for (;;) {
      const value = await read();
      if (isDone(value)) return value;
      await pause(100);
    }
  };

  const readRequest = async (id: string): Promise<RequestView> =>
    parse(await pipeline.http('GET', `/v1/requests/${id}`));
  const isOver = ({ status }: { readonly status: string }): boolean =>
    !['queued', 'running'].includes(status);
  const submit = async (envelope: Readonly<Record<string, unknown>>): Promise<RequestView> => {
    const answer = await pipeline.http('POST', '/v1/requests', envelope);
    expect([answer.status, answer.status === 202 ? '' : answer.body]).toEqual([202, '']);
    return parse(answer);
  };
  const answered = async (envelope: Readonly<Record<string, unknown>>): Promise<RequestView> => {
    const { request_id: id } = await submit(envelope);
    return untilIs(() => readRequest(id), isOver);
  };
  const send = (queue: string, body: string) =>
    pipeline.sqs.send(
      new SendMessageCommand({ QueueUrl: pipeline.created.queues[queue]?.url, MessageBody: body }),
    );
  const usesOf = (name: string): readonly string[] =>
    pipeline
      .uses()
      .filter(({ caller }) => caller === name)
      .map(({ action, resource }) => `${action} ${resource}`);
  const isIn =
    (use: string) =>
    (uses: readonly string[]): boolean =>
      uses.includes(use);
  const results: { readonly custom_id: string | null; readonly status?: string }[] = [];
  const receiveResults = async (): Promise<void> => {
    const QueueUrl = pipeline.created.queues.results?.url;
    const { Messages = [] } = await pipeline.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    results.push(...Messages.map(({ Body = '' }) => JSON.parse(Body)));
    if (Messages.length > 0)
      await pipeline.sqs.send(
        new DeleteMessageBatchCommand({
          QueueUrl,
          Entries: Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
        }),
      );
  };
  const resultOf = async (customId: string) => {
    while (!results.some(({ custom_id }) => custom_id === customId)) await receiveResults();
    return results.find(({ custom_id }) => custom_id === customId);
  };
  const batchOver = (id: string): Promise<BatchView> =>
    untilIs(
      async () => parse<BatchView>(await pipeline.http('GET', `/v1/batches/${id}`)),
      ({ status }) => ['ended', 'failed'].includes(status),
    );

  it(
    'do next to nothing while there is nothing to do',
    async () => {
      await pipeline.tick('haiku');
      const uses = usesOf('prioritization');
      const count = (service: string): number => uses.filter((use) => use.startsWith(service)).length;

      expect([count('sqs:'), count('dynamodb:'), count('s3:'), count('bedrock:')]).toEqual([10, 0, 0, 0]);
    },
    TIMEOUT_MS,
  );

  it(
    'read once to see that the table needs no look',
    async () => {
      expect(await pipeline.reconcile()).toBe('whole');
      const afterFirst = usesOf('reconciler').length;
      expect(usesOf('reconciler')).toEqual([
        'dynamodb:GetItem table smoother-requests',
        'dynamodb:Scan table smoother-requests',
        'dynamodb:PutItem table smoother-requests',
      ]);
      expect(await pipeline.reconcile()).toBe('rested');
      expect(usesOf('reconciler').slice(afterFirst)).toEqual(['dynamodb:GetItem table smoother-requests']);
    },
    TIMEOUT_MS,
  );

  it(
    'answer what comes over HTTP',
    async () => {
      expect(await answered({ custom_id: 'small', prompt: 'Say hello.', max_tokens: 20 })).toMatchObject({
        status: 'succeeded',
        content: expect.stringContaining('Say hello.'),
      });
      expect((await pipeline.http('GET', '/health')).status).toBe(200);
      expect((await pipeline.http('GET', '/v1/requests?needs_attention=true')).status).toBe(200);
      expect((await pipeline.http('GET', '/v1/batches')).status).toBe(200);
      expect((await pipeline.http('GET', '/v1/quota')).status).toBe(200);
    },
    TIMEOUT_MS,
  );

  it(
    'answer what is large, and what takes long',
    async () => {
      const large = { custom_id: 'large', prompt: INCOMPRESSIBLE, max_tokens: 20 };
      const long = { custom_id: 'long', prompt: 'Tell a tale.', max_tokens: 32_000 };

      expect(await Promise.all([large, long].map(answered))).toMatchObject([
        { status: 'succeeded' },
        { status: 'succeeded' },
      ]);
    },
    TIMEOUT_MS,
  );

  it(
    'answer what comes by the queue, refuse what is bad, and put aside what is nothing',
    async () => {
      await send('input', JSON.stringify({ custom_id: 'by-queue', prompt: 'Say hello.', max_tokens: 20 }));
      await send('input', JSON.stringify({ custom_id: 'bad', prompt: 'Say hello.', max_tokens: -1 }));
      await send('input', 'nothing');

      expect(await resultOf('by-queue')).toMatchObject({ status: 'succeeded' });
      expect(await resultOf('bad')).toMatchObject({ custom_id: 'bad' });
      await untilIs(async () => usesOf('ingestion'), isIn('sqs:SendMessage queue smoother-input-dlq'));
    },
    TIMEOUT_MS,
  );

  it(
    'answer batches, sent at once and uploaded',
    async () => {
      const requests = [
        { custom_id: 'b-1', prompt: 'One.', max_tokens: 9 },
        { custom_id: 'b-2', prompt: INCOMPRESSIBLE, max_tokens: 9 },
      ];
      const sent = parse<BatchView>(await pipeline.http('POST', '/v1/batches', { requests }));
      const made = parse<BatchView>(await pipeline.http('POST', '/v1/batches', { upload: true }));
      const { url = '', method, headers = {} } = made.upload ?? {};
      const uploaded = await fetch(pipeline.here(url), {
        ...(method === undefined ? {} : { method }),
        headers,
        body: requests.map((request) => JSON.stringify(request)).join('\n'),
      });
      expect(uploaded.status).toBe(200);
      expect((await pipeline.http('POST', `/v1/batches/${made.batch_id}/start`)).status).toBe(202);

      expect(await Promise.all([sent, made].map(({ batch_id }) => batchOver(batch_id)))).toMatchObject([
        { counts: { succeeded: 2 } },
        { counts: { succeeded: 2 } },
      ]);
      const lines = await pipeline.http('GET', `/v1/batches/${sent.batch_id}/results`);
      expect(lines.body.trim().split('\n')).toHaveLength(2);
      const later = { ...requests[0], not_before: inAnHour() };
      expect((await pipeline.http('POST', '/v1/batches', { requests: [later] })).status).toBe(202);
      await untilIs(async () => usesOf('splitter'), isIn('sqs:SendMessage queue smoother-parked-haiku'));
    },
    TIMEOUT_MS,
  );

  it(
    'end what of a canceled batch was not yet in a lane',
    async () => {
      const requests = Array.from({ length: 2_000 }, (_, index) => ({
        custom_id: `c-${index}`,
        prompt: 'One.',
        max_tokens: 9,
      }));
      // Whichever is faster: the cancel is, sooner or later.
      await untilIs(async () => {
        const { batch_id: id } = parse<BatchView>(await pipeline.http('POST', '/v1/batches', { requests }));
        await pipeline.http('POST', `/v1/batches/${id}/cancel`);
        await batchOver(id);
        return usesOf('splitter');
      }, isIn('s3:PutObject folder results/'));
    },
    TIMEOUT_MS,
  );

  it(
    'hold back what is for later, cancel it, and pause and resume',
    async () => {
      const { request_id: id } = await submit({
        custom_id: 'later',
        prompt: 'Later.',
        not_before: inAnHour(),
        max_tokens: 9,
      });
      expect((await pipeline.http('POST', `/v1/requests/${id}/cancel`)).status).toBe(200);
      expect(await readRequest(id)).toMatchObject({ status: 'canceled' });

      const order = (setting: Readonly<Record<string, unknown>>) =>
        pipeline.http('POST', '/v1/controls', { reason: 'a test', ...setting });
      expect((await order({ tenant: 'default', paused: true })).status).toBe(200);
      const paused: string[] = [];
      // Drains look at what is set as often as they say that they live: what comes before that runs.
      await untilIs(async () => {
        const { request_id: one } = await submit({ prompt: 'Wait.', max_tokens: 9 });
        paused.push(one);
        return usesOf('prioritization');
      }, isIn('sqs:SendMessage queue smoother-parked-haiku'));
      expect((await order({ tenant: 'default', paused: false })).status).toBe(200);
      for (const one of paused)
        expect(await untilIs(() => readRequest(one), isOver)).toMatchObject({ status: 'succeeded' });
      expect((await pipeline.http('GET', '/v1/controls')).status).toBe(200);
      expect((await pipeline.http('GET', '/v1/controls/changes')).status).toBe(200);
    },
    TIMEOUT_MS,
  );

  it(
    'put aside what nobody can read in a lane',
    async () => {
      await send('hold-haiku-high-express', 'nothing');
      await send('wake', JSON.stringify({ pool: 'haiku' }));
      await untilIs(
        async () => usesOf('prioritization'),
        isIn('sqs:SendMessage queue smoother-dead-letter-haiku'),
      );
    },
    TIMEOUT_MS,
  );

  it(
    'list what failed, and send it again',
    async () => {
      const refused = { prompt: 'Once. [[sim:status=403,times=1]]', max_tokens: 9 };
      const { request_id: id } = await submit(refused);
      expect(await untilIs(() => readRequest(id), isOver)).toMatchObject({ status: 'failed' });
      expect((await pipeline.http('GET', '/v1/dead-letters')).status).toBe(200);
      const order = { filter: { reason: 'model_access_denied' }, why: 'a test' };
      const { body } = await pipeline.http('POST', '/v1/dead-letters/redrive', order);
      expect(JSON.parse(body)).toMatchObject({ matched: 1, reopened: 1 });

      expect(
        await untilIs(
          () => readRequest(id),
          ({ status }) => status === 'succeeded',
        ),
      ).toMatchObject({ status: 'succeeded' });
      expect((await pipeline.http('GET', '/v1/redrives')).status).toBe(200);
    },
    TIMEOUT_MS,
  );

  it(
    'tell once more of what comes once more',
    async () => {
      const order = (paused: boolean) =>
        pipeline.http('POST', '/v1/controls', { pool: 'haiku', paused, reason: 'a test' });
      expect((await order(true)).status).toBe(200);
      const QueueUrl = pipeline.created.queues['hold-haiku-high-express']?.url;
      // Until the drain has seen it, it takes what comes.
      const body = await untilIs(
        async () => {
          await submit({ custom_id: 'twice', prompt: 'Again.', priority: 'high', max_tokens: 9 });
          const { Messages = [] } = await pipeline.sqs.send(
            new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0, WaitTimeSeconds: 1 }),
          );
          return Messages[0]?.Body;
        },
        (found) => found !== undefined,
      );
      expect((await order(false)).status).toBe(200);
      await resultOf('twice');
      await untilIs(async () => {
        await send('hold-haiku-high-express', body ?? '');
        await send('wake', JSON.stringify({ pool: 'haiku' }));
        return usesOf('prioritization');
      }, isIn('s3:GetObject folder results/'));
    },
    TIMEOUT_MS,
  );

  it(
    'heal what should not exist',
    async () => {
      const { request_id: id } = await submit({ prompt: 'Later.', not_before: inAnHour(), max_tokens: 9 });
      const { requestsTable: TableName } = pipeline.created;
      const change = (key: string, UpdateExpression: string, value: number) =>
        pipeline.dynamodb.send(
          new UpdateItemCommand({
            TableName,
            Key: { request_id: { S: key } },
            UpdateExpression,
            ExpressionAttributeValues: { ':value': { N: String(value) } },
          }),
        );
      await change(id, 'SET expires_at_ms = :value', Date.now() - 2 * 3_600_000);
      await change('tenant#haiku#leaky', 'SET waiting = :value', 5);
      await change('reconciler#progress', 'SET started_at_ms = :value', 0);

      expect(await pipeline.reconcile()).toBe('whole');
      expect(await readRequest(id)).toMatchObject({ status: 'expired' });
    },
    TIMEOUT_MS,
  );

  describe('their figures', () => {
    interface MetricLine {
      readonly _aws: {
        readonly CloudWatchMetrics: readonly {
          readonly Namespace: string;
          readonly Dimensions: readonly (readonly string[])[];
          readonly Metrics: readonly { readonly Name: string }[];
        }[];
      };
    }

    /** Namespace, name and dimensions of everything that was emitted. */
    const emitted = (): ReadonlySet<string> =>
      new Set(
        pipeline.lines().flatMap((line) => {
          const json = line.slice(line.indexOf('{'));
          if (!json.startsWith('{"_aws"')) return [];
          return (JSON.parse(json) as MetricLine)._aws.CloudWatchMetrics.flatMap(
            ({ Namespace, Dimensions, Metrics }) =>
              Metrics.map(({ Name }) => `${Namespace} ${Name} ${Dimensions[0]?.join() ?? ''}`),
          );
        }),
      );

    const watched = (): ReadonlySet<string> => {
      const alarms = resourcesOf(stack, 'aws_cloudwatch_metric_alarm').flatMap(
        ([, alarm]): readonly Attributes[] =>
          alarm.metric_query === undefined
            ? [alarm]
            : (alarm.metric_query as readonly { readonly metric?: Attributes }[]).flatMap(({ metric }) =>
                metric === undefined ? [] : [metric],
              ),
      );
      return new Set(
        alarms
          .filter(({ namespace }) => namespace === METRIC_NAMESPACE)
          .map(({ namespace, metric_name, dimensions }) =>
            [namespace, metric_name, Object.keys(dimensions as object).join()].join(' '),
          ),
      );
    };

    it('are those that alarms look at, but for what must not happen', () => {
      expect([...watched()].filter((figure) => !emitted().has(figure)).sort()).toEqual([
        'BedrockRequestSmoother ModelThrottles pool',
      ]);
    });

    it('are declared, with the dimensions they have', () => {
      const declared = Object.entries(METRICS).map(
        ([name, { dimensions }]) => `${METRIC_NAMESPACE} ${name} ${dimensions.join()}`,
      );

      expect(emitted().size).toBeGreaterThan(8);
      expect([...emitted()].filter((figure) => !declared.includes(figure))).toEqual([]);
    });
  });

  describe('their roles', () => {
    const NAMES = ['ingestion', 'prioritization', 'splitter', 'reconciler', 'query'];
    const GONE = 'Whoever may not list is told "denied" of an object that is not there.';

    /** Lambda's own work in the name of a function: its log, its traces, its mapping, its dead letters. */
    const OF_LAMBDA = ['Log', 'Trace', 'Mapping', 'DeadLetter'];

    /** Lanes of a pool are alike: one stands for all. */
    const toClass = (resource: string): string =>
      resource.replace(/smoother-hold-haiku-\w+-[\w-]+$/, 'smoother-hold');

    const toResource = (arn: string): string => {
      const queue = /^\$\{aws_sqs_queue\.(\w+)\.arn\}$/.exec(arn)?.[1];
      if (queue !== undefined) return `queue ${physicalName(queue.replaceAll('_', '-'))}`;
      if (arn.endsWith(':smoother-hold-haiku-*')) return 'queue smoother-hold';
      const table = /^\$\{aws_dynamodb_table\.(\w+)\.arn\}(?:\/index\/([\w-]+))?$/.exec(arn);
      if (table !== null)
        return `table smoother-${table[1]}${table[2] === undefined ? '' : ` index ${table[2]}`}`;
      const folder = /^\$\{aws_s3_bucket\.bedrock_calls\.arn\}\/(\w+\/)\*$/.exec(arn)?.[1];
      if (folder !== undefined) return `folder ${folder}`;
      if (arn === ref('aws_s3_bucket.bedrock_calls.arn')) return 'bucket';
      // The model behind a profile is asked for in the profile's name.
      if (arn.includes(':bedrock:')) return `model ${HAIKU}`;
      return arn === '*' ? 'quotas' : arn;
    };

    const allowedTo = (name: string): ReadonlySet<string> =>
      new Set(
        statementsOf(resourceWith(stack, 'aws_iam_role_policy', ['name', physicalName(name)]).policy)
          .filter(({ Sid, Effect }) => Effect === 'Allow' && !OF_LAMBDA.includes(Sid ?? ''))
          .flatMap(({ Action, Resource }) =>
            Action.flatMap((action) => Resource.map((arn) => `${action} ${toClass(toResource(arn))}`)),
          ),
      );

    /** What a service asks of a table's, a queue's or an object's key in the caller's name, by its documentation. */
    const KEY_USES: readonly (readonly [RegExp, readonly string[]])[] = [
      [/^sqs:SendMessage /, ['kms:Decrypt', 'kms:GenerateDataKey']],
      [/^sqs:ReceiveMessage /, ['kms:Decrypt']],
      [/^s3:PutObject /, ['kms:GenerateDataKey']],
      [/^s3:GetObject /, ['kms:Decrypt']],
      [/^dynamodb:/, ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey']],
    ];

    const usedBy = (name: string): ReadonlySet<string> => new Set(usesOf(name).map(toClass));

    const without = (one: ReadonlySet<string>, other: ReadonlySet<string>): readonly string[] =>
      [...one].filter((entry) => !other.has(entry)).sort();

    it('were asked by nobody else', () => {
      expect(pipeline.uses().filter(({ caller }) => caller === 'recorder')).toEqual([]);
    });

    it.each(NAMES)('of %s allow all it does', (name) => {
      expect(usedBy(name).size).toBeGreaterThan(2);
      expect(without(usedBy(name), allowedTo(name))).toEqual([]);
    });

    it.each(NAMES)('of %s allow the uses of a key that come with what it does, and no others', (name) => {
      const withKey = synthStack({ ...SETTINGS, kms_key: 'create' });
      const { policy } = resourceWith(withKey, 'aws_iam_role_policy', ['name', physicalName(name)]);
      const ofKey = statementsOf(policy).filter(({ Action }) =>
        Action.some((action) => /^kms:/.test(action)),
      );
      const needed = [...usedBy(name)].flatMap((use) =>
        KEY_USES.flatMap(([pattern, uses]) => (pattern.test(use) ? uses : [])),
      );

      expect(new Set(ofKey.flatMap(({ Action }) => Action))).toEqual(new Set(needed));
      expect(new Set(ofKey.flatMap(({ Resource }) => Resource))).toEqual(
        new Set([ref('aws_kms_key.key_data.arn')]),
      );
    });

    /** What happens too seldom to wait for it here, and what for. */
    const SELDOM: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      ingestion: { 's3:ListBucket bucket': GONE },
      prioritization: {
        's3:ListBucket bucket': GONE,
        'servicequotas:ListAWSDefaultServiceQuotas quotas':
          'An account without a quota of its own for a model.',
        'sqs:ChangeMessageVisibility queue smoother-hold': 'Work that is in hand for long, or is put back.',
      },
      splitter: {
        's3:ListBucket bucket': GONE,
        'dynamodb:BatchGetItem table smoother-requests': 'A batch that is gone on with after a crash.',
        'sqs:SendMessage queue smoother-wake': 'A batch that comes while nobody drains.',
        's3:GetObject folder results/': 'A member that ended while its batch was being canceled.',
        'sqs:ChangeMessageVisibility queue smoother-batches': 'A batch that is worked on for long.',
      },
      reconciler: {
        'sqs:GetQueueAttributes queue smoother-batches': 'A batch that nobody splits any more.',
        'sqs:SendMessage queue smoother-batches': 'The same.',
      },
      query: { 's3:ListBucket bucket': GONE },
    };

    it.each(NAMES)('of %s allow nothing that it does not do', (name) => {
      const seldom = Object.keys(SELDOM[name] ?? {});

      expect(seldom.filter((use) => !allowedTo(name).has(use))).toEqual([]);
      expect(without(allowedTo(name), usedBy(name)).filter((use) => !seldom.includes(use))).toEqual([]);
    });
  });
});
