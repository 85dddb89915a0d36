import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { type Bedrock, startBedrock } from '../../../local/bedrock/start-bedrock.ts';
import { haiku, http1Client, http2Client } from './bedrock-clients.ts';

const run = promisify(execFile);

const has = (command: string, ...args: readonly string[]) => spawnSync(command, args).status === 0;

/** Where clients of others must be, we would be left with our own. */
const isRequired = (process.env.SMOOTHER_REQUIRE_MOTO ?? '') !== '';

/** A skipped test says why in its name. */
const itWith =
  (isThere: boolean, what: string) => (name: string, test: () => Promise<void>, timeoutMs: number) => {
    if (isThere) it(name, test, timeoutMs);
    else if (!isRequired) it.skip(`${name} (skipped: there is no ${what} on this machine)`, test);
    else
      it(name, () => {
        throw new Error(`SMOOTHER_REQUIRE_MOTO is set, but there is no ${what} on this machine.`);
      });
  };

const itWithBoto3 = itWith(has('python3', '-c', 'import boto3'), 'boto3');
const itWithAws = itWith(has('aws', '--version'), 'aws CLI');

const timeoutMs = 60_000;

let bedrock: Bedrock;
beforeEach(async () => {
  const models = { [haiku]: { tokensPerMinute: 1_000_000, burndown: 5 } };
  bedrock = await startBedrock({ port: 0, models, latencyScale: 0 });
});
afterEach(() => bedrock.close());

/** They read nothing of the user's. */
const env = () => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_ACCESS_KEY_ID: 'any',
  AWS_SECRET_ACCESS_KEY: 'any',
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_MAX_ATTEMPTS: '1',
  AWS_PAGER: '',
});

const python = `
import boto3, json, sys
from botocore.exceptions import ClientError, EventStreamError
client = boto3.client('bedrock-runtime', endpoint_url=sys.argv[1])
model = sys.argv[2]
user = lambda text: [{'role': 'user', 'content': [{'text': text}]}]
config = {'maxTokens': 50}
out = {}
answer = client.converse(modelId=model, messages=user('[[sim:text=Good morning]]'), inferenceConfig=config)
out['converse'] = [answer['output']['message']['content'], answer['stopReason'], answer['usage']['outputTokens']]
stream = client.converse_stream(modelId=model, messages=user('[[sim:text=Good morning]]'), inferenceConfig=config)['stream']
events = list(stream)
out['kinds'] = [next(iter(event)) for event in events]
out['usage'] = events[-1]['metadata']['usage']['outputTokens']
try:
    for _ in client.converse_stream(modelId=model, messages=user('[[sim:fault=stream_throttling]]'), inferenceConfig=config)['stream']: pass
except EventStreamError as error:
    out['stream_error'] = error.response['Error']['Code']
body = json.dumps({'anthropic_version': 'bedrock-2023-05-31', 'max_tokens': 50, 'messages': [{'role': 'user', 'content': '[[sim:text=Hi]]'}]})
invoked = client.invoke_model(modelId=model, body=body)
out['invoke'] = [json.loads(invoked['body'].read())['content'], invoked['ResponseMetadata']['HTTPHeaders']['x-amzn-bedrock-output-token-count']]
chunks = [json.loads(event['chunk']['bytes'])['type'] for event in client.invoke_model_with_response_stream(modelId=model, body=body)['body']]
out['chunks'] = [chunks[0], chunks[-1]]
out['count'] = client.count_tokens(modelId=model, input={'converse': {'messages': user('12345678')}})['inputTokens']
try:
    client.converse(modelId=model, messages=user('[[sim:status=429]]'))
except client.exceptions.ThrottlingException as error:
    out['refused'] = [error.response['Error']['Message'], error.response['ResponseMetadata']['HTTPStatusCode']]
print(json.dumps(out))
`;

/** As `new BedrockRuntimeClient()` comes: HTTP/2 without TLS. */
async function callEverything(client: BedrockRuntimeClient): Promise<unknown> {
  const messages = [{ role: 'user' as const, content: [{ text: '[[sim:text=Good morning]]' }] }];
  const input = { modelId: haiku, messages, inferenceConfig: { maxTokens: 50 } };
  const body = JSON.stringify({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 50,
    messages: [{ role: 'user', content: '[[sim:text=Hi]]' }],
  });
  const converse = await client.send(new ConverseCommand(input));
  const events: string[] = [];
  for await (const event of (await client.send(new ConverseStreamCommand(input))).stream ?? []) {
    events.push(...Object.keys(event));
  }
  const invoked = await client.send(new InvokeModelCommand({ modelId: haiku, body }));
  const chunks: unknown[] = [];
  const invokeStream = new InvokeModelWithResponseStreamCommand({ modelId: haiku, body });
  for await (const { chunk } of (await client.send(invokeStream)).body ?? []) {
    chunks.push(JSON.parse(Buffer.from(chunk?.bytes ?? []).toString()).type);
  }
  const count = new CountTokensCommand({ modelId: haiku, input: { converse: { messages } } });
  return {
    converse: converse.output?.message?.content,
    events,
    invoked: JSON.parse(invoked.body.transformToString()).content,
    chunks: [chunks[0], chunks.at(-1)],
    count: (await client.send(count)).inputTokens,
  };
}

describe('other clients', () => {
  it.each([
    ['default', http2Client],
    ['HTTP/1.1', http1Client],
  ])('the %s JavaScript client calls every operation', async (_name, createClient) => {
    const client = createClient(bedrock.endpoint);
    expect(await callEverything(client)).toEqual({
      converse: [{ text: 'Good morning' }],
      events: ['messageStart', 'contentBlockDelta', 'contentBlockStop', 'messageStop', 'metadata'],
      invoked: [{ type: 'text', text: 'Hi' }],
      chunks: ['message_start', 'message_stop'],
      count: 7,
    });
    client.destroy();
  });

  itWithBoto3(
    'boto3 calls every operation',
    async () => {
      const { stdout } = await run('python3', ['-c', python, bedrock.endpoint, haiku], { env: env() });
      expect(JSON.parse(stdout)).toEqual({
        converse: [[{ text: 'Good morning' }], 'end_turn', 3],
        kinds: ['messageStart', 'contentBlockDelta', 'contentBlockStop', 'messageStop', 'metadata'],
        usage: 3,
        stream_error: 'throttlingException',
        invoke: [[{ type: 'text', text: 'Hi' }], '1'],
        chunks: ['message_start', 'message_stop'],
        count: 2,
        refused: ['Too many tokens, please wait before trying again.', 429],
      });
      expect(bedrock.truth()).toMatchObject({ calls: 6, answered: 4, faults: 1, refused: 1 });
    },
    timeoutMs,
  );

  itWithAws(
    'the aws CLI converses and is refused',
    async () => {
      const converse = (text: string) =>
        run(
          'aws',
          [
            ...['bedrock-runtime', 'converse', '--endpoint-url', bedrock.endpoint, '--model-id', haiku],
            ...['--messages', JSON.stringify([{ role: 'user', content: [{ text }] }]), '--output', 'json'],
          ],
          { env: env() },
        );
      const { stdout } = await converse('[[sim:text=Good morning]]');
      expect(JSON.parse(stdout)).toMatchObject({
        output: { message: { content: [{ text: 'Good morning' }] } },
        stopReason: 'end_turn',
      });
      await expect(converse('[[sim:status=429]]')).rejects.toMatchObject({
        stderr: expect.stringContaining('(ThrottlingException)'),
      });
    },
    timeoutMs,
  );

  itWithAws(
    'the aws CLI invokes a model',
    async () => {
      const body = JSON.stringify({
        anthropic_version: 'bedrock-2023-05-31',
        max_tokens: 50,
        messages: [{ role: 'user', content: '[[sim:text=Hi]]' }],
      });
      const folder = await mkdtemp(join(tmpdir(), 'bedrock-sim-'));
      const file = join(folder, 'body.json');
      await writeFile(file, body);
      await run(
        'aws',
        [
          ...['bedrock-runtime', 'invoke-model', '--endpoint-url', bedrock.endpoint, '--model-id', haiku],
          // Versions 1 and 2 read a text differently, and a file alike.
          ...['--body', `fileb://${file}`, join(folder, 'answer.json')],
        ],
        { env: env() },
      );
      const answer: unknown = JSON.parse(await readFile(join(folder, 'answer.json'), 'utf8'));
      await rm(folder, { recursive: true });
      expect(answer).toMatchObject({ content: [{ type: 'text', text: 'Hi' }] });
    },
    timeoutMs,
  );
});
