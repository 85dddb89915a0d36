import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { createSqsClient } from '../../functions/runtime/compose-clients.ts';
import { startBedrock } from '../../local/bedrock/start-bedrock.ts';
import { startCloud } from '../../local/cloud/start-cloud.ts';
import { deploy } from '../../local/deployment.ts';
import { createLocalFunctions } from '../../local/start-functions.ts';
import { settingsOf } from '../fakes/world.ts';
import { collectResults, tensOf } from './clients.ts';
import { type CallCounter, type Counted, createCallCounter, sumOf } from './count-calls.ts';

const REGION = 'us-east-1';
const REQUESTS = 600;
const PER_SECOND = 100;
const TEN_EVERY_MS = 100;

/** The pipeline in this process, all clients of its functions counted. */
const startCounted = async (counter: CallCounter) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'steady-'));
  const cloud = await startCloud({ dataDir, port: 0, region: REGION });
  const settings = settingsOf({ max_concurrent_executions: 200, queue_depth_threshold: 1000 });
  const models = Object.values(settings.models).map(({ model_id }) => [
    model_id,
    { tokensPerMinute: 1e9, burndown: 5 },
  ]);
  const bedrock = await startBedrock({ port: 0, latencyScale: 0.2, models: Object.fromEntries(models) });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const address = { endpoint: cloud.endpoint, credentials };
  const counted = { ...address, onClient: counter.onClient };
  const endpoint = cloud.endpoint;
  const services = {
    endpoints: {
      sqs: endpoint,
      dynamodb: endpoint,
      s3: endpoint,
      sns: endpoint,
      bedrockRuntime: bedrock.endpoint,
      serviceQuotas: bedrock.endpoint,
      cloudWatch: bedrock.endpoint,
    },
    embedded: { cloud: true, simulator: true },
    stop: async () => {},
  };
  const addresses = {
    sqs: address,
    dynamodb: address,
    s3: address,
    bedrockRuntime: { ...address, endpoint: bedrock.endpoint },
    serviceQuotas: { ...address, endpoint: bedrock.endpoint },
    cloudWatch: { ...address, endpoint: bedrock.endpoint },
  };
  const { created, functionEnv } = await deploy(
    { settings, env: {}, services, addresses },
    (_, error) => error,
  );
  const sqs = createSqsClient(REGION, counted);
  const functions = createLocalFunctions({
    host: () => ({
      env: functionEnv,
      addresses: { ...addresses, sqs: counted, dynamodb: counted, s3: counted },
      writeLine: () => {},
    }),
    sqs,
    queues: created.queues,
    region: REGION,
    poolCount: Object.keys(settings.models).length,
    onError: (_, error) => {
      throw error;
    },
  });
  functions.startMappings();
  const plain = createSqsClient(REGION, address);
  return {
    queues: created.queues,
    producer: createSqsClient(REGION, counted),
    consumer: plain,
    stop: async () => {
      await functions.stopMappings();
      for (const client of [sqs, plain]) client.destroy();
      await bedrock.close();
      await cloud.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};

describe('the steady cost of one request from a batch producer at 100 a second', () => {
  let counted: Counted;
  let answered: number;
  let seconds: number;

  beforeAll(async () => {
    const counter = createCallCounter();
    const { queues, producer, consumer, stop } = await startCounted(counter);
    const startedAtMs = performance.now();
    const collecting = collectResults(consumer, queues.results?.url ?? '', (all) => all.length >= REQUESTS);
    for (const ten of tensOf(Array.from({ length: REQUESTS }, (_, index) => index))) {
      const sent = producer.send(
        new SendMessageBatchCommand({
          QueueUrl: queues.input?.url,
          Entries: ten.map((index) => ({
            Id: String(index),
            MessageBody: JSON.stringify({
              custom_id: `steady-${index}`,
              prompt: 'x'.repeat(1_000),
              max_tokens: 50,
            }),
          })),
        }),
      );
      await Promise.all([sent, sleep(TEN_EVERY_MS)]);
    }
    answered = (await collecting).length;
    counted = counter.counted();
    seconds = (performance.now() - startedAtMs) / 1000;
    producer.destroy();
    await stop();
  }, 180_000);

  test('all are answered once', () => {
    expect(answered).toBe(REQUESTS);
  });

  test('is at most 1.0 calls of SQS, the producer’s own included', () => {
    expect(sumOf(counted, /^SQS\.SendMessageBatch$/)).toBeGreaterThanOrEqual(REQUESTS / 10);
    // Polling costs by the second, and a busy machine may need more of them than six for these requests.
    const emptyAtPace = Math.min(1, REQUESTS / PER_SECOND / seconds) * counted.emptyReceives;
    const calls = sumOf(counted, /^SQS\./) - counted.emptyReceives + emptyAtPace;
    expect(calls / REQUESTS).toBeLessThanOrEqual(1);
  });

  test('is at most 3.2 writes of 1 KB', () => {
    expect(counted.writeUnits / REQUESTS).toBeGreaterThanOrEqual(3);
    expect(counted.writeUnits / REQUESTS).toBeLessThanOrEqual(3.2);
  });

  test('is at most 0.05 puts into the bucket', () => {
    expect(sumOf(counted, /^S3\.PutObject$/)).toBeGreaterThan(0);
    expect(sumOf(counted, /^S3\.PutObject$/) / REQUESTS).toBeLessThanOrEqual(0.05);
  });
});
