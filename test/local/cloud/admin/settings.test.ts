import { request } from 'node:http';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { startCloud } from '../../../../local/cloud/start-cloud.ts';
import { type CloudHarness, createTestQueue, startHarness } from '../cloud-harness.ts';

let harness: CloudHarness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(() => harness.stop());

async function ask(method: string, path: string, body?: object) {
  const response = await fetch(`${harness.cloud.endpoint}/_cloud/${path}`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

test('tells its settings, with their defaults', async () => {
  expect(await ask('GET', 'settings')).toEqual({
    status: 200,
    body: { fairness: 'aws-thresholds', lossyAbort: false },
  });
});

test('starts from the settings it is given', async () => {
  await harness.cloud.close();
  const settings = { fairness: 'off', lossyAbort: true } as const;
  const cloud = await startCloud({ dataDir: harness.dataDir, port: 0, region: 'us-east-1', settings });
  const response = await fetch(`${cloud.endpoint}/_cloud/settings`);
  expect(await response.json()).toEqual({ fairness: 'off', lossyAbort: true });
  await cloud.close();
});

test('changes the order of serving while it runs, in queues that are there and in new ones', async () => {
  expect(await ask('PUT', 'settings', { fairness: 'fewest-in-flight' })).toEqual({
    status: 200,
    body: { fairness: 'fewest-in-flight', lossyAbort: false },
  });
  const QueueUrl = await createTestQueue(harness);
  const serve = async () => {
    const Entries = [...'aaab'].map((MessageGroupId, index) => ({
      Id: `${index}`,
      MessageBody: MessageGroupId,
      MessageGroupId,
    }));
    await harness.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 4 });
    const { Messages = [] } = await harness.sqs.send(receive);
    return Messages.map(({ Body }) => Body).join('');
  };
  expect(await serve()).toBe('abaa');
  await ask('PUT', 'settings', { fairness: 'off' });
  expect(await serve()).toBe('aaab');
});

test('refuses what it does not know, and changes nothing then', async () => {
  expect(
    await ask('PUT', 'settings', { fairness: 'fair', lossyAbort: 1, colour: 2, constructor: 3 }),
  ).toEqual({
    status: 400,
    body: {
      problems: [
        'fairness must be one of off, aws-thresholds, fewest-in-flight, but is "fair".',
        'lossyAbort must be true or false, but is 1.',
        'There is no setting "colour": use fairness or lossyAbort.',
        'There is no setting "constructor": use fairness or lossyAbort.',
      ],
    },
  });
  expect((await ask('PUT', 'settings', [true])).status).toBe(400);
  expect((await ask('POST', 'settings', {})).status).toBe(404);
  expect(await ask('GET', 'coffee')).toEqual({
    status: 404,
    body: {
      problems: [
        'There is no GET /_cloud/coffee. There are GET /_cloud/settings, PUT /_cloud/settings, GET /_cloud/outbox, DELETE /_cloud/outbox, GET /_cloud/faults, POST /_cloud/faults, DELETE /_cloud/faults.',
      ],
    },
  });
  expect((await ask('GET', 'settings')).body).toEqual({ fairness: 'aws-thresholds', lossyAbort: false });
});

test('answers no page of another site whose name leads here', async () => {
  const status = await new Promise((resolve, reject) => {
    const asked = request(`${harness.cloud.endpoint}/_cloud/settings`, { headers: { host: 'evil.example' } });
    asked.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
    asked.end();
  });
  expect(status).toBe(403);
});

test('loses a message to a poller that has gone, when told to, until its visibility timeout ends', async () => {
  await ask('PUT', 'settings', { lossyAbort: true });
  const QueueUrl = await createTestQueue(harness, { VisibilityTimeout: '1' });
  const counts = async () => {
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
    const { Attributes = {} } = await harness.sqs.send(command);
    return [Attributes.ApproximateNumberOfMessages, Attributes.ApproximateNumberOfMessagesNotVisible];
  };
  const abort = new AbortController();
  const poll = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 });
  const gone = harness.sqs.send(poll, { abortSignal: abort.signal });
  await counts();
  abort.abort();
  await expect(gone).rejects.toThrow('aborted');
  await harness.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
  expect(await counts()).toEqual(['0', '1']);
  const received = await harness.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      WaitTimeSeconds: 20,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    }),
  );
  expect(received.Messages).toMatchObject([{ Body: 'a', Attributes: { ApproximateReceiveCount: '2' } }]);
});
