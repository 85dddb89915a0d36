import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import {
  createDocumentClient,
  createDynamoClient,
  createS3Client,
  createSnsClient,
  createSqsClient,
} from '../../functions/runtime/compose-clients.ts';
import { startCloud } from '../../local/cloud/start-cloud.ts';
import { createResources } from '../../local/create-resources.ts';
import { describeResources, physicalName } from '../../shared/contract/resources.ts';
import { createNumbered } from '../fakes/sequences.ts';
import { settingsOf } from '../fakes/world.ts';

const REGION = 'us-east-1';

/** The embedded cloud with all that a deployment has, and the clients that the functions use. */
export const startEmbeddedCloud = async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'adapters-'));
  const cloud = await startCloud({ dataDir, port: 0, region: REGION });
  const address = {
    endpoint: cloud.endpoint,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const sqs = createSqsClient(REGION, address);
  const dynamo = createDynamoClient(REGION, address);
  const documents = createDocumentClient(REGION, address);
  const s3 = createS3Client(REGION, address);
  const sns = createSnsClient(REGION, address);
  const created = await createResources(
    { sqs, dynamodb: dynamo, s3, sns },
    describeResources(settingsOf({ index_requests: true })),
    REGION,
  );
  const urlPrefix = (created.queues.input?.url ?? '').replace(/input$/, '');
  const nextName = createNumbered('contract');
  return {
    address,
    sqs,
    dynamo,
    documents,
    s3,
    sns,
    urlPrefix,
    requestsTable: created.requestsTable,
    reportingTable: created.reportingTable,
    bucket: created.bucket,
    /** Name within the deployment of a new queue. */
    createQueue: async (): Promise<string> => {
      const name = nextName();
      await sqs.send(
        new CreateQueueCommand({
          QueueName: physicalName(name),
          Attributes: { VisibilityTimeout: '60', ReceiveMessageWaitTimeSeconds: '20' },
        }),
      );
      return name;
    },
    stop: async (): Promise<void> => {
      for (const client of [sqs, dynamo, documents, s3, sns]) client.destroy();
      await cloud.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};

export type EmbeddedCloud = Awaited<ReturnType<typeof startEmbeddedCloud>>;
