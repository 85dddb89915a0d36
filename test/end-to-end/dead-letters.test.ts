import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetQueueAttributesCommand,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import type { Result } from '../../shared/contract/request.ts';
import { collectResults, createSqs, readRequest, submit } from './clients.ts';
import { type Exit, runSmoother, type SmootherProcess, startSmoother } from './smoother-process.ts';

const LETTERS = 'dead-letter-haiku';
const REFUSED_ONCE = '[[sim:status=403,times=1]]';

describe('dead letters of the running pipeline', () => {
  let dataDir: string;
  let smoother: SmootherProcess;
  let sqs: SQSClient;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'smoother-letters-'));
    smoother = await startSmoother({ args: ['--data', dataDir, '--simulator', 'latency_scale=0'] });
    sqs = createSqs(smoother.ready);
  }, 60_000);

  afterAll(async () => {
    sqs.destroy();
    smoother.signal('SIGKILL');
    await smoother.ended();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });

  const urlOf = (queue: string): string => smoother.ready.queues[queue] ?? `no ${queue}`;

  const attributeOf = async (queue: string, name: QueueAttributeName): Promise<string> => {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: urlOf(queue), AttributeNames: [name] }),
    );
    return Attributes?.[name] ?? '';
  };

  /** A request that has failed, and been told to have. */
  const die = async (prompt: string): Promise<string> => {
    const { body } = await submit(smoother.ready.api, {
      prompt: `${prompt} ${REFUSED_ONCE}`,
      max_tokens: 20,
    });
    await resultsOf(body.request_id, ({ status }) => status === 'failed');
    return body.request_id;
  };

  const resultsOf = (id: string, isIt: (result: Result) => boolean): Promise<Result[]> =>
    collectResults(sqs, urlOf('results'), (all) =>
      all.some((result) => result.request_id === id && isIt(result)),
    );

  const letters = (...args: readonly string[]): Promise<Exit> =>
    runSmoother({ args: ['dead-letters', ...args, '--endpoint', smoother.ready.api] });

  test('are listed, shown and sent again from the command line', async () => {
    const id = await die('by hand');
    const listed = await letters('list', '--reason', 'model_access_denied', '--json');
    expect(listed.code).toBe(0);
    expect(listed.stdout.split('\n').map((line) => JSON.parse(line))).toMatchObject([
      { request_id: id, reason: 'model_access_denied', attempts: 1, generation: 0 },
    ]);
    const piped = await letters('show', id);
    expect(piped.stdout).toContain('reason\tmodel_access_denied');
    expect(listed.stdout + piped.stdout).not.toContain('by hand');

    const order = ['redrive', '--reason', 'model_access_denied', '--why', 'access is back'];
    expect(await letters(...order, '--set', 'max_tokens=10000000')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(new RegExp(`^${id}\tinvalid_request\t.*above the`)),
    });
    expect(await letters(...order, '--dry-run')).toMatchObject({
      code: 0,
      stderr: '1 of 1 that match would be reopened; 0 left, with their faults.',
    });
    const done = await letters(...order, '--set', 'max_tokens=7', '--json');
    expect(done.code).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ matched: 1, reopened: 1, letters_removed: 1 });
    const results = await resultsOf(id, ({ status }) => status === 'succeeded');
    expect(results.at(-1)).toMatchObject({ request_id: id, generation: 1, usage: { output_tokens: 7 } });
    expect(await readRequest(smoother.ready.api, id)).toMatchObject({ status: 'succeeded', generation: 1 });
    expect(await letters('list')).toMatchObject({ code: 0, stdout: '', stderr: 'There are none.' });
    expect(await attributeOf(LETTERS, 'ApproximateNumberOfMessages')).toBe('0');
  }, 120_000);

  test('end the command with 2 for its options, and with 3 for what the API refuses', async () => {
    expect(await letters('redrive', '--why', 'x')).toMatchObject({ code: 2 });
    expect(await letters('list', '--reason', 'canceled')).toMatchObject({ code: 2 });
    expect(await letters('show', 'req_00000000000000000000000000')).toMatchObject({ code: 3 });
    expect(await letters('list', '--model', 'gpt')).toMatchObject({ code: 3 });
  }, 120_000);

  test('are sent again by a move task of SQS, once, however many copies it moves', async () => {
    const id = await die('by a task');
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: urlOf(LETTERS), VisibilityTimeout: 0, WaitTimeSeconds: 5 }),
    );
    const letter = Messages[0]?.Body ?? '';
    expect(JSON.parse(letter)).toMatchObject({ request_id: id, generation: 0 });
    for (let copy = 0; copy < 2; copy += 1)
      await sqs.send(new SendMessageCommand({ QueueUrl: urlOf(LETTERS), MessageBody: letter }));
    await sqs.send(
      new StartMessageMoveTaskCommand({
        SourceArn: await attributeOf(LETTERS, 'QueueArn'),
        DestinationArn: await attributeOf('hold-haiku-low-bulk-1', 'QueueArn'),
      }),
    );
    // The pool wakes for whoever comes, or by the minute's tick.
    const { body } = await submit(smoother.ready.api, { prompt: 'wake up', max_tokens: 5 });
    const results = await resultsOf(id, ({ status }) => status === 'succeeded');
    expect(results.find(({ request_id }) => request_id === id)).toMatchObject({ generation: 1, attempts: 1 });
    // Once more, when all is over.
    await sqs.send(
      new SendMessageCommand({ QueueUrl: urlOf('hold-haiku-high-express'), MessageBody: letter }),
    );
    const after = await submit(smoother.ready.api, { prompt: 'wake up again', max_tokens: 5 });
    await resultsOf(after.body.request_id, ({ status }) => status === 'succeeded');
    expect(body.request_id).not.toBe(after.body.request_id);
    expect(await readRequest(smoother.ready.api, id)).toMatchObject({
      status: 'succeeded',
      generation: 1,
      attempts: 1,
    });
  }, 180_000);
});
