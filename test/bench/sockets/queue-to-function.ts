import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { CreateQueueCommand, GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createSqsClient } from '../../../functions/runtime/compose-clients.ts';
import { startEventSourceMapping } from '../../../local/lambda/event-source-mapping.ts';
import { forEachConcurrently, sendTen, tensOf } from '../../end-to-end/clients.ts';
import { asTheyArrive, BY_TENS_MS } from './arrivals.ts';
import { askModel, createClient } from './direct.ts';
import { MEAN_LATENCY_MS, type SocketRequest, tokensPerMinuteOf } from './load.ts';
import { startProgram, startSimulator, truthAt } from './simulator.ts';
import { createAnswers, type SocketContender } from './socket-contender.ts';

const REGION = 'us-east-1';
const VISIBILITY_SECONDS = 30;
const MAX_RECEIVE_COUNT = 5;

const createQueue = async (
  sqs: SQSClient,
  name: string,
  attributes: Readonly<Record<string, string>>,
): Promise<{ readonly url: string; readonly arn: string }> => {
  const { QueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: name, Attributes: attributes }),
  );
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  return { url: QueueUrl, arn: Attributes?.QueueArn ?? '' };
};

const createQueues = async (sqs: SQSClient) => {
  const dead = await createQueue(sqs, 'dead', {});
  return createQueue(sqs, 'work', {
    VisibilityTimeout: String(VISIBILITY_SECONDS),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: MAX_RECEIVE_COUNT }),
  });
};

const sendAll = async (
  sqs: SQSClient,
  queueUrl: string,
  requests: readonly SocketRequest[],
): Promise<void> => {
  const sent: Promise<void>[] = [];
  await asTheyArrive(
    requests,
    (due) => {
      sent.push(
        forEachConcurrently(tensOf(due), 8, async (ten) => {
          await sendTen(sqs, queueUrl, ten);
        }),
      );
    },
    BY_TENS_MS,
  );
  await Promise.all(sent);
};

/** As many at once as the mean latency takes at the rate of the quota. */
const concurrencyOf = (perMinute: number): number =>
  Math.max(2, Math.round(((perMinute / 60) * MEAN_LATENCY_MS) / 1000));

interface Stage {
  readonly sqs: SQSClient;
  readonly client: BedrockRuntimeClient;
  readonly modelEndpoint: string;
}

/** Starts a simulator and a cloud, and ends them after whatever is done there. */
const onStage = async <T>(tokensPerMinute: number, act: (stage: Stage) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-queue-'));
  const simulator = await startSimulator(tokensPerMinute);
  const cloud = await startProgram('local/cloud/main.ts', ['--port', '0', '--data', join(folder, 'cloud')]);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const sqs = createSqsClient(REGION, { endpoint: cloud.endpoint, credentials });
  const client = createClient(simulator.endpoint, 'standard');
  try {
    return await act({ sqs, client, modelEndpoint: simulator.endpoint });
  } finally {
    for (const each of [sqs, client]) each.destroy();
    await cloud.stop();
    await simulator.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
};

/** One message, one call. */
const createHandler =
  (client: BedrockRuntimeClient, ended: (id: string, isAnswered: boolean) => void) =>
  async ({ Records: [record] }: SQSEvent): Promise<SQSBatchResponse> => {
    if (record === undefined) return { batchItemFailures: [] };
    const request = JSON.parse(record.body) as SocketRequest;
    if (await askModel(client, request)) {
      ended(request.id, true);
      return { batchItemFailures: [] };
    }
    if (Number(record.attributes.ApproximateReceiveCount) >= MAX_RECEIVE_COUNT) ended(request.id, false);
    return { batchItemFailures: [{ itemIdentifier: record.messageId }] };
  };

/** A queue, and a function for each message that makes one call and waits for it. */
export const queueToFunction: SocketContender = {
  name: 'SQS to Lambda',
  setup:
    'MaximumConcurrency told by the true mean latency, one message and one call of the SDK each, 5 receives',
  run: (setting, requests) =>
    onStage(tokensPerMinuteOf(setting), async ({ sqs, client, modelEndpoint }) => {
      const { answers, add } = createAnswers();
      let lost = 0;
      const { url, arn } = await createQueues(sqs);
      const mapping = startEventSourceMapping({
        sqs,
        queueUrl: url,
        queueArn: arn,
        region: REGION,
        functionName: 'call',
        functionTimeoutSeconds: VISIBILITY_SECONDS,
        batchSize: 1,
        maximumConcurrency: concurrencyOf(setting.perMinute),
        reportBatchItemFailures: true,
        handler: createHandler(client, (id, isAnswered) => {
          if (isAnswered) add(id);
          else lost += 1;
        }),
      });
      try {
        const startedAtMs = Date.now();
        await sendAll(sqs, url, requests);
        while (answers.size + lost < requests.length) await sleep(100);
        return { startedAtMs, answers, lost, truth: await truthAt(modelEndpoint) };
      } finally {
        await mapping.stop();
      }
    }),
};
