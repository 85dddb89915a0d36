import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteItemCommand, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { PurgeQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { ReadyLine } from '../../local/ready-line.ts';
import type { Notification } from '../../shared/contract/request.ts';
import { createSqs, submit } from './clients.ts';
import { type SmootherProcess, startSmoother } from './smoother-process.ts';

const HOUR_MS = 3_600_000;

describe('a request whose message is lost', () => {
  let dataDir: string;
  const running: SmootherProcess[] = [];

  const start = async (): Promise<SmootherProcess> => {
    const started = await startSmoother({ args: ['--data', dataDir] });
    running.push(started);
    return started;
  };

  const stop = async (started: SmootherProcess): Promise<void> => {
    started.signal('SIGINT');
    await started.ended();
  };

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'smoother-reconciler-'));
  });

  afterAll(async () => {
    for (const started of running) {
      started.signal('SIGKILL');
      await started.ended();
    }
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });

  /** As if it had come hours ago, and somebody had emptied its queue. */
  const lose = async ({ endpoints, region, tables }: ReadyLine, id: string): Promise<void> => {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const dynamo = new DynamoDBClient({ region, endpoint: endpoints.dynamodb, credentials });
    const TableName = tables.requests;
    await dynamo.send(
      new UpdateItemCommand({
        TableName,
        Key: { request_id: { S: id } },
        UpdateExpression: 'SET expires_at_ms = :past',
        ExpressionAttributeValues: { ':past': { N: String(Date.now() - 2 * HOUR_MS) } },
      }),
    );
    // What says that today's look is done.
    await dynamo.send(
      new DeleteItemCommand({ TableName, Key: { request_id: { S: 'reconciler#progress' } } }),
    );
    dynamo.destroy();
  };

  const nextResult = async (ready: ReadyLine): Promise<Notification> => {
    const sqs = createSqs(ready);
    for (;;) {
      const { Messages: [message] = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: ready.queues.results, WaitTimeSeconds: 20 }),
      );
      if (message?.Body !== undefined) {
        sqs.destroy();
        return JSON.parse(message.Body) as Notification;
      }
    }
  };

  test('is found at the next look, ends, and is told to have ended', async () => {
    const first = await start();
    const later = new Date(Date.now() + HOUR_MS).toISOString();
    const { body } = await submit(first.ready.api, { custom_id: 'lost', prompt: 'x', not_before: later });
    const sqs = createSqs(first.ready);
    const [pool] = Object.keys(first.ready.queues).filter((name) => name.startsWith('parked-'));
    await sqs.send(new PurgeQueueCommand({ QueueUrl: first.ready.queues[pool ?? ''] }));
    sqs.destroy();
    await lose(first.ready, body.request_id);
    await stop(first);

    const second = await start();
    expect(await nextResult(second.ready)).toMatchObject({
      request_id: body.request_id,
      custom_id: 'lost',
      status: 'expired',
      error: { code: 'deadline_passed' },
    });
    await stop(second);
  }, 120_000);
});
