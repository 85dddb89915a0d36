import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { type Cloud, startCloud } from '../../../../local/cloud/start-cloud.ts';

describe('SQS', () => {
  let dataDir: string;
  let cloud: Cloud;
  let sqs: SQSClient;

  const start = async (): Promise<void> => {
    cloud = await startCloud({ dataDir, port: 0, region: 'us-east-1' });
    sqs = new SQSClient({
      region: 'us-east-1',
      endpoint: cloud.endpoint,
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    });
  };
  const urlOf = (name: string): string => `${cloud.endpoint}/000000000000/${name}`;
  const receive = async (
    name: string,
    options: { VisibilityTimeout?: number; MaxNumberOfMessages?: number } = {},
  ) => (await sqs.send(new ReceiveMessageCommand({ QueueUrl: urlOf(name), ...options }))).Messages ?? [];

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'smoother-rings-'));
    await start();
  });

  afterEach(async () => {
    sqs.destroy();
    await cloud.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('keeps a dead letter in one of two queues that are each other’s dead-letter queue', async () => {
    for (const name of ['a', 'b']) await sqs.send(new CreateQueueCommand({ QueueName: name }));
    for (const [name, other] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const)
      await sqs.send(
        new SetQueueAttributesCommand({
          QueueUrl: urlOf(name),
          Attributes: {
            RedrivePolicy: JSON.stringify({
              deadLetterTargetArn: `arn:aws:sqs:us-east-1:000000000000:${other}`,
              maxReceiveCount: 1,
            }),
          },
        }),
      );
    await sqs.send(new SendMessageCommand({ QueueUrl: urlOf('a'), MessageBody: 'poison' }));
    expect(await receive('a', { VisibilityTimeout: 0 })).toHaveLength(1);
    expect(await receive('a')).toHaveLength(0);
    expect(await receive('b', { VisibilityTimeout: 0 })).toMatchObject([{ Body: 'poison' }]);
    expect(await receive('b', { VisibilityTimeout: 0 })).toMatchObject([{ Body: 'poison' }]);
    expect(await receive('a')).toHaveLength(0);
  });

  it('loses nothing when one batch deletes one message twice, also not at the next start', async () => {
    await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    const Entries = ['1', '2', '3'].map((Id) => ({ Id, MessageBody: `body ${Id}` }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: urlOf('q'), Entries }));
    const [message] = await receive('q', { VisibilityTimeout: 600 });
    await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: urlOf('q'),
        Entries: ['1', '2', '3', '4'].map((Id) => ({ Id, ReceiptHandle: message?.ReceiptHandle })),
      }),
    );
    sqs.destroy();
    await cloud.close();
    await start();
    const left = await receive('q', { MaxNumberOfMessages: 10 });
    expect(left.map(({ Body }) => Body).sort()).toEqual(['body 2', 'body 3']);
  });
});
