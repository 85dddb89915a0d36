import {
  type BedrockRuntimeClient,
  ConverseCommand,
  type ConverseCommandInput,
  ValidationException,
} from '@aws-sdk/client-bedrock-runtime';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import {
  createBedrockClient,
  createDynamoClient,
  createSqsClient,
  type SdkClient,
} from '../../functions/runtime/compose-clients.ts';
import { getItem, putItem } from '../../shared/adapters/dynamo-items.ts';

interface Sent {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  readonly signal?: AbortSignal;
}

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** As JSON, unless it is text. */
  readonly body: object | string;
}

const OK: Reply = { status: 200, body: {} };
const FAULT = 'com.amazonaws.dynamodb.v20120810#';
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };

/** Answers in turn; with what comes last from then on. */
const answering = (client: SdkClient, replies: readonly Reply[]): Sent[] => {
  const sent: Sent[] = [];
  const handle = async (request: Sent, { abortSignal: signal }: { readonly abortSignal?: AbortSignal }) => {
    const { status, headers = {}, body } = replies[Math.min(sent.length, replies.length - 1)] ?? OK;
    sent.push({
      ...request,
      headers: { ...request.headers },
      ...(signal === undefined ? {} : { signal }),
    });
    const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    return { response: { statusCode: status, headers: { ...headers }, body: bytes } };
  };
  Object.assign(client.config, { requestHandler: { handle, destroy: () => {} } });
  return sent;
};

const put = (client: DynamoDBClient, item: Readonly<Record<string, unknown>> = { request_id: 'r' }) =>
  putItem(client, { TableName: 'requests', Item: item });

const send = (client: SQSClient, queue: string) =>
  client.send(new SendMessageBatchCommand({ QueueUrl: queue, Entries: [{ Id: '0', MessageBody: 'hello' }] }));

const textOf = ({ body }: Sent): unknown =>
  JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body));

const attemptsOf = (sent: readonly Sent[]) => sent.map(({ headers }) => headers['amz-sdk-request']);

const dynamo = (address: Parameters<typeof createDynamoClient>[1] = {}): DynamoDBClient =>
  createDynamoClient('eu-west-1', { credentials: CREDENTIALS, ...address });

describe('calls of the stores, after the first of their kind', () => {
  it('go where the SDK sent the first one, with the same content', async () => {
    const client = dynamo();
    const sent = answering(client, [OK]);
    await put(client);
    await put(client);

    const [first, second] = sent.map(({ headers, ...request }) => ({
      place: `${request.method} ${request.protocol}//${request.hostname}:${request.port}${request.path}`,
      body: textOf({ ...request, headers }),
      headers: [
        headers.host,
        headers['content-type'],
        headers['content-length'],
        headers['x-amz-target'],
        /Credential=.*aws4_request/.exec(headers.authorization ?? '')?.[0].replace(/\d{8}/, 'today'),
      ],
    }));
    expect(second).toEqual(first);
    expect(second).toEqual({
      place: 'POST https://dynamodb.eu-west-1.amazonaws.com:undefined/',
      body: { TableName: 'requests', Item: { request_id: { S: 'r' } } },
      headers: [
        'dynamodb.eu-west-1.amazonaws.com',
        'application/x-amz-json-1.0',
        '56',
        'DynamoDB_20120810.PutItem',
        'Credential=AKIDEXAMPLE/today/eu-west-1/dynamodb/aws4_request',
      ],
    });
    // The SDK signs the hash of the body a second time, as a header.
    expect(sent.map(({ headers }) => 'x-amz-content-sha256' in headers)).toEqual([true, false]);
  });

  it('keep their own values: bytes, and what came back', async () => {
    const client = dynamo();
    const found = { Item: { name: { S: 'é' }, count: { N: '2' }, bytes: { B: 'AQI=' } } };
    const sent = answering(client, [OK, OK, { status: 200, body: found }]);
    await put(client);
    await put(client, { bytes: new Uint8Array([1, 2]) });
    expect(textOf(sent[1] as Sent)).toEqual({ TableName: 'requests', Item: { bytes: { B: 'AQI=' } } });

    const get = () => getItem(client, { TableName: 'requests', Key: { request_id: 'r' } });
    expect(await get()).toEqual(await get());
    expect((await get()).Item).toEqual({ name: 'é', count: 2, bytes: new Uint8Array([1, 2]) });
  });

  it('fail with the errors of the SDK', async () => {
    const client = dynamo();
    const refused = { __type: `${FAULT}ConditionalCheckFailedException`, message: 'The condition failed' };
    const sent = answering(client, [OK, { status: 400, body: refused }]);
    await put(client);
    const error = await put(client).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect((error as Error).message).toBe('The condition failed');
    expect(attemptsOf(sent)).toEqual(['attempt=1; max=4', 'attempt=1; max=4']);
  });

  it.each([
    ['a fault of the service', { status: 500, body: { __type: `${FAULT}InternalServerError` } }],
    ['what is no JSON', { status: 503, body: '<html></html>' }],
  ])('are tried again after %s, signed anew', async (_, reply) => {
    const client = dynamo();
    const sent = answering(client, [OK, reply, OK]);
    await put(client);
    await put(client);

    expect(attemptsOf(sent)).toEqual(['attempt=1; max=4', 'attempt=1; max=4', 'attempt=2; max=4']);
    expect(sent[2]?.headers['amz-sdk-invocation-id']).toBe(sent[1]?.headers['amz-sdk-invocation-id']);
  });

  it('are tried again by the clock of the service, where ours is wrong', async () => {
    const client = dynamo();
    const inAnHour = new Date(Date.now() + 3_600_000);
    const expired: Reply = {
      status: 400,
      headers: { date: inAnHour.toUTCString() },
      body: { __type: 'com.amazon.coral.service#InvalidSignatureException', message: 'Signature expired' },
    };
    const sent = answering(client, [OK, expired, OK]);
    await put(client);
    await put(client);

    const hours = sent.map(({ headers }) => headers['x-amz-date']?.slice(0, 11));
    expect(hours[2]).toBe(inAnHour.toISOString().replace(/[-:]/g, '').slice(0, 11));
    expect(attemptsOf(sent)[2]).toBe('attempt=2; max=4');
  });

  it('are tried again, though the first of their kind was given up since', async () => {
    const client = dynamo();
    const sent = answering(client, [OK, { status: 500, body: {} }, OK]);
    const first = new AbortController();
    const input = { TableName: 'requests', Item: { request_id: { S: 'r' } } };
    await client.send(new PutItemCommand(input), { abortSignal: first.signal });
    first.abort();
    await put(client);
    expect(attemptsOf(sent)).toEqual(['attempt=1; max=4', 'attempt=1; max=4', 'attempt=2; max=4']);
  });

  it('are signed by whoever signs now', async () => {
    let key = 'FIRST';
    const identity = async () => ({
      accessKeyId: key,
      secretAccessKey: 'secret',
      sessionToken: `token of ${key}`,
      // Too soon for it to be kept.
      expiration: new Date(Date.now() + 1000),
    });
    const client = dynamo({ credentials: identity as unknown as typeof CREDENTIALS });
    const sent = answering(client, [OK]);
    await put(client);
    key = 'SECOND';
    await put(client);

    expect(sent.map(({ headers }) => headers['x-amz-security-token'])).toEqual([
      'token of FIRST',
      'token of SECOND',
    ]);
    expect(sent[1]?.headers.authorization).toMatch(/Credential=SECOND\//);
  });

  it('go to the address that was given', async () => {
    const client = dynamo({ endpoint: 'http://127.0.0.1:8123' });
    const sent = answering(client, [OK]);
    await put(client);
    await put(client);
    expect(
      sent.map(({ protocol, hostname, port, headers }) => [protocol, hostname, port, headers.host]),
    ).toEqual([
      ['http:', '127.0.0.1', 8123, '127.0.0.1:8123'],
      ['http:', '127.0.0.1', 8123, '127.0.0.1:8123'],
    ]);
  });

  it('go to the region of their queue', async () => {
    const client = createSqsClient('eu-west-1', { credentials: CREDENTIALS });
    // The SDK warns of a queue elsewhere.
    Object.assign(client.config, { logger: { warn: () => {} } });
    const sent = answering(client, [{ status: 200, body: { Successful: [], Failed: [] } }]);
    for (const region of ['eu-west-1', 'eu-west-1', 'eu-central-1'])
      await send(client, `https://sqs.${region}.amazonaws.com/1/lane`);
    expect(sent.map(({ headers }) => [headers.host, headers['x-amzn-query-mode']])).toEqual([
      ['sqs.eu-west-1.amazonaws.com', 'true'],
      ['sqs.eu-west-1.amazonaws.com', 'true'],
      ['sqs.eu-central-1.amazonaws.com', 'true'],
    ]);
  });

  it('are seen by whoever watches the client', async () => {
    const seen: string[] = [];
    const client = dynamo({
      onClient: (made) => {
        (made as DynamoDBClient).middlewareStack.add(
          (next, context) => (args) => {
            seen.push(context.commandName ?? '');
            return next(args);
          },
          { step: 'finalizeRequest', name: 'watch', priority: 'low' },
        );
      },
    });
    answering(client, [OK, OK, { status: 500, body: {} }, OK]);
    for (let index = 0; index < 3; index++) await put(client);
    expect(seen).toEqual(Array.from({ length: 4 }, () => 'PutItemCommand'));
  });
});

describe('calls of a model, after the first', () => {
  const ANSWER: Reply = {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: { stopReason: 'end_turn', usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 } },
  };

  const bedrock = (): BedrockRuntimeClient =>
    createBedrockClient('eu-west-1', 10, { credentials: CREDENTIALS });

  const converse = (client: BedrockRuntimeClient, text: string, abortSignal?: AbortSignal) => {
    const input: ConverseCommandInput = {
      modelId: 'eu.anthropic.claude-v1:0',
      messages: [{ role: 'user', content: [{ text }] }],
    };
    return client.send(new ConverseCommand(input), abortSignal === undefined ? {} : { abortSignal });
  };

  it('go to the same path, each with its own text and its own end', async () => {
    const client = bedrock();
    const sent = answering(client, [ANSWER]);
    const [first, second] = [new AbortController(), new AbortController()];
    await converse(client, 'one', first.signal);
    first.abort();
    const { stopReason, usage } = await converse(client, 'two', second.signal);

    expect([stopReason, usage?.outputTokens]).toEqual(['end_turn', 2]);
    expect(sent.map(({ path, headers }) => [path, headers.host])).toEqual(
      Array.from({ length: 2 }, () => [
        '/model/eu.anthropic.claude-v1%3A0/converse',
        'bedrock-runtime.eu-west-1.amazonaws.com',
      ]),
    );
    expect(sent.map(textOf)).toEqual([
      { messages: [{ role: 'user', content: [{ text: 'one' }] }] },
      { messages: [{ role: 'user', content: [{ text: 'two' }] }] },
    ]);
    expect(sent[1]?.headers.authorization).toMatch(
      /\/eu-west-1\/bedrock\/aws4_request, SignedHeaders=content-/,
    );
    expect(sent[1]?.signal).toBe(second.signal);
  });

  it('are made once, and fail with the errors of the SDK', async () => {
    const client = bedrock();
    const refused = {
      status: 400,
      headers: { 'x-amzn-errortype': 'ValidationException' },
      body: { message: 'no such model' },
    };
    const sent = answering(client, [ANSWER, refused]);
    await converse(client, 'one');
    await expect(converse(client, 'two')).rejects.toBeInstanceOf(ValidationException);
    await expect(converse(client, 'two')).rejects.toMatchObject({ message: 'no such model' });
    expect(attemptsOf(sent)).toEqual(Array.from({ length: 3 }, () => 'attempt=1; max=1'));
  });

  it('stay the SDK’s where a token stands for a signature', async () => {
    const client = bedrock();
    Object.assign(client.config, {
      token: async () => ({ token: 'bearer' }),
      authSchemePreference: async () => ['httpBearerAuth'],
    });
    const sent = answering(client, [ANSWER]);
    await converse(client, 'one');
    await converse(client, 'two');
    expect(sent.map(({ headers }) => headers.authorization ?? headers.Authorization)).toEqual([
      'Bearer bearer',
      'Bearer bearer',
    ]);
  });
});
