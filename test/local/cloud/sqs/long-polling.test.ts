import { request } from 'node:http';
import { connect } from 'node:net';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { type CloudHarness, createTestQueue, startHarness } from '../cloud-harness.ts';

let harness: CloudHarness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.stop());

const send = (QueueUrl: string, MessageBody: string) =>
  harness.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));

async function poll(QueueUrl: string, WaitTimeSeconds = 20, abortSignal = new AbortController().signal) {
  const command = new ReceiveMessageCommand({
    QueueUrl,
    WaitTimeSeconds,
    MessageSystemAttributeNames: ['ApproximateReceiveCount'],
  });
  return (await harness.sqs.send(command, { abortSignal })).Messages ?? [];
}

/** A round trip on this client's connections: what was sent before has arrived at the cloud. */
async function settle(QueueUrl: string): Promise<void> {
  for (let round = 0; round < 5; round++) {
    await harness.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  }
}

test('five pollers and one message: one gets it, four keep waiting', async () => {
  const url = await createTestQueue(harness);
  const answered: Message[][] = [];
  const polls = Array.from({ length: 5 }, async () => answered.push(await poll(url)));
  await settle(url);
  for (let count = 1; count <= 5; count++) {
    await send(url, `message ${count}`);
    await Promise.race(polls);
    await settle(url);
    expect(answered).toHaveLength(count);
  }
  expect(answered.flat().map(({ Body }) => Body)).toEqual([1, 2, 3, 4, 5].map((count) => `message ${count}`));
});

test('a poll that is aborted takes nothing with it', async () => {
  const url = await createTestQueue(harness);
  const abort = new AbortController();
  const aborted = poll(url, 20, abort.signal);
  await settle(url);
  abort.abort();
  await expect(aborted).rejects.toThrow('aborted');
  await send(url, 'a');
  // It waits, since the cloud may see the abort only after the message.
  expect(await poll(url, 20)).toMatchObject([{ Body: 'a', Attributes: { ApproximateReceiveCount: '1' } }]);
});

test('a poller that leaves with the response on its way, unread, takes nothing with it', async () => {
  const url = await createTestQueue(harness);
  const body = JSON.stringify({ QueueUrl: url, WaitTimeSeconds: 20 });
  const head = `POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: AmazonSQS.ReceiveMessage\r\ncontent-length: ${body.length}`;
  const socket = connect(harness.cloud.port, '127.0.0.1');
  socket.pause();
  socket.write(`${head}\r\n\r\n${body}`);
  await settle(url);
  await send(url, 'a');
  await settle(url);
  expect(await poll(url, 0)).toEqual([]);
  socket.destroy();
  expect(await poll(url, 20)).toMatchObject([{ Body: 'a', Attributes: { ApproximateReceiveCount: '1' } }]);
});

test('a poller that has read its response keeps its message, however it leaves', async () => {
  const url = await createTestQueue(harness);
  await send(url, 'a');
  const response = await fetch(harness.cloud.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'AmazonSQS.ReceiveMessage', connection: 'close' },
    body: JSON.stringify({ QueueUrl: url }),
  });
  expect(await response.json()).toMatchObject({ Messages: [{ Body: 'a' }] });
  await settle(url);
  expect(await poll(url, 0)).toEqual([]);
});

test('a poller whose connection is cut takes nothing with it', async () => {
  const url = await createTestQueue(harness);
  const cut = request(harness.cloud.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'AmazonSQS.ReceiveMessage', 'content-type': 'application/x-amz-json-1.0' },
  });
  cut.on('error', () => {});
  cut.end(JSON.stringify({ QueueUrl: url, WaitTimeSeconds: 20 }));
  await settle(url);
  cut.destroy();
  await settle(url);
  await send(url, 'a');
  expect(await poll(url, 0)).toMatchObject([{ Attributes: { ApproximateReceiveCount: '1' } }]);
});

test('wakes for a message whose visibility timeout ends', async () => {
  const url = await createTestQueue(harness, { VisibilityTimeout: '1' });
  await send(url, 'a');
  const [first] = await poll(url, 0);
  const [second] = await poll(url, 20);
  expect(second?.MessageId).toBe(first?.MessageId);
});

test('wakes for a message that is let go before its time', async () => {
  const url = await createTestQueue(harness, { VisibilityTimeout: '600' });
  await send(url, 'a');
  const [message] = await poll(url, 0);
  const waiting = poll(url, 20);
  await settle(url);
  await harness.sqs.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: url,
      ReceiptHandle: message?.ReceiptHandle,
      VisibilityTimeout: 0,
    }),
  );
  expect(await waiting).toHaveLength(1);
});

test('wakes for a message whose delay ends', async () => {
  const url = await createTestQueue(harness, { DelaySeconds: '1' });
  await send(url, 'a');
  expect(await poll(url, 20)).toHaveLength(1);
});

test('ends empty when the wait is over', async () => {
  const url = await createTestQueue(harness);
  expect(await poll(url, 1)).toEqual([]);
});

test('waits as long as the queue says when the request says nothing, and not when it says 0', async () => {
  const url = await createTestQueue(harness, { ReceiveMessageWaitTimeSeconds: '20' });
  expect(await poll(url, 0)).toEqual([]);
  const waiting = harness.sqs.send(new ReceiveMessageCommand({ QueueUrl: url }));
  await settle(url);
  await send(url, 'a');
  expect((await waiting).Messages).toHaveLength(1);
});

test('many pollers empty a queue together, each message once', async () => {
  const url = await createTestQueue(harness);
  const got: string[] = [];
  const poller = async () => {
    for (let messages = await poll(url, 1); messages.length > 0; messages = await poll(url, 1)) {
      for (const { Body = '', ReceiptHandle } of messages) {
        got.push(Body);
        await harness.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
      }
    }
  };
  const pollers = Array.from({ length: 8 }, poller);
  for (let batch = 0; batch < 10; batch++) {
    const Entries = Array.from({ length: 10 }, (_, i) => ({ Id: `${i}`, MessageBody: `${batch * 10 + i}` }));
    await harness.sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
  }
  await Promise.all(pollers);
  expect(got).toHaveLength(100);
  expect(new Set(got).size).toBe(100);
});
