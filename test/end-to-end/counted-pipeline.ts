import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { createSqsClient } from '../../functions/runtime/compose-clients.ts';
import { startBedrock } from '../../local/bedrock/start-bedrock.ts';
import { startCloud } from '../../local/cloud/start-cloud.ts';
import type { CreatedQueue } from '../../local/create-resources.ts';
import { deploy } from '../../local/deployment.ts';
import { startHttpGateway } from '../../local/lambda/http-gateway.ts';
import { createLocalFunctions } from '../../local/start-functions.ts';
import { ROUTES } from '../../shared/contract/routes.ts';
import { settingsOf } from '../fakes/world.ts';
import type { CallCounter } from './count-calls.ts';

const REGION = 'us-east-1';

export interface CountedPipeline {
  readonly api: string;
  readonly queues: Readonly<Record<string, CreatedQueue>>;
  /** Its calls are counted, as those of the functions and of what invokes them. */
  readonly producer: SQSClient;
  /** Its calls are not. */
  readonly consumer: SQSClient;
  stop(): Promise<void>;
}

const fail = (_: string, error: unknown): never => {
  throw error;
};

/** The model answers in a fifth of its time. */
const LATENCY_SCALE = 0.2;

/**
 * The pipeline in this process, all clients of its functions counted, and apart if asked for the one of the event source
 * mappings; the quota does not bind.
 */
export const startCounted = async (
  counter: CallCounter,
  mappings: CallCounter = counter,
): Promise<CountedPipeline> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'counted-'));
  const cloud = await startCloud({ dataDir, port: 0, region: REGION });
  const settings = settingsOf({ max_concurrent_executions: 200, queue_depth_threshold: 1000 });
  const models = Object.values(settings.models).map(({ model_id }) => [
    model_id,
    { tokensPerMinute: 1e9, burndown: 5 },
  ]);
  const bedrock = await startBedrock({
    port: 0,
    latencyScale: LATENCY_SCALE,
    models: Object.fromEntries(models),
  });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const address = { endpoint: cloud.endpoint, credentials };
  const counted = { ...address, onClient: counter.onClient };
  const { endpoint } = cloud;
  const model = { ...address, endpoint: bedrock.endpoint };
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
  const modelAddresses = { bedrockRuntime: model, serviceQuotas: model, cloudWatch: model };
  const addresses = { sqs: address, dynamodb: address, s3: address, sns: address, ...modelAddresses };
  const { created, functionEnv } = await deploy(
    { settings, env: {}, services, addresses },
    (_, error) => error,
  );
  const sqs = createSqsClient(REGION, { ...address, onClient: mappings.onClient });
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
    onError: fail,
  });
  functions.startMappings();
  const gateway = await startHttpGateway({
    port: 0,
    region: REGION,
    routes: ROUTES,
    functions: functions.http,
    fallback: 'query',
  });
  const producer = createSqsClient(REGION, counted);
  const consumer = createSqsClient(REGION, address);
  return {
    api: gateway.url,
    queues: created.queues,
    producer,
    consumer,
    stop: async () => {
      await functions.stopMappings();
      await gateway.close();
      for (const client of [sqs, producer, consumer]) client.destroy();
      await bedrock.close();
      await cloud.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};
