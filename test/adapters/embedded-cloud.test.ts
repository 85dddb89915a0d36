import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { createDynamoAnswerStore } from '../../shared/adapters/dynamo-answer-store.ts';
import { createDynamoApiKeys } from '../../shared/adapters/dynamo-api-keys.ts';
import { createDynamoBatchStore } from '../../shared/adapters/dynamo-batch-store.ts';
import { createDynamoControlStore } from '../../shared/adapters/dynamo-control-store.ts';
import { createDynamoDeadLetterIndex } from '../../shared/adapters/dynamo-dead-letter-index.ts';
import { createDynamoDeliveryLog } from '../../shared/adapters/dynamo-delivery-log.ts';
import { createDynamoLedger } from '../../shared/adapters/dynamo-ledger.ts';
import { createDynamoOwnUse } from '../../shared/adapters/dynamo-own-use.ts';
import { createDynamoPoolBoard } from '../../shared/adapters/dynamo-pool-board.ts';
import { createDynamoPoolReports } from '../../shared/adapters/dynamo-pool-reports.ts';
import { createDynamoPoolStore } from '../../shared/adapters/dynamo-pool-store.ts';
import { createDynamoQuotaReadings } from '../../shared/adapters/dynamo-quota-readings.ts';
import { createDynamoRedriveLog } from '../../shared/adapters/dynamo-redrive-log.ts';
import { createDynamoRequestLists } from '../../shared/adapters/dynamo-request-lists.ts';
import { createDynamoRequestReader } from '../../shared/adapters/dynamo-request-reader.ts';
import { createDynamoRequestReopener } from '../../shared/adapters/dynamo-request-reopener.ts';
import { createDynamoRequestStore } from '../../shared/adapters/dynamo-request-store.ts';
import { createDynamoSpendStore } from '../../shared/adapters/dynamo-spend-store.ts';
import { createDynamoTableScan } from '../../shared/adapters/dynamo-table-scan.ts';
import { createDynamoTenantStore } from '../../shared/adapters/dynamo-tenant-store.ts';
import { createDynamoUseReadings } from '../../shared/adapters/dynamo-use-readings.ts';
import { createDynamoWebhookSecrets } from '../../shared/adapters/dynamo-webhook-secrets.ts';
import { createS3Objects } from '../../shared/adapters/s3-objects.ts';
import { createS3Uploads } from '../../shared/adapters/s3-uploads.ts';
import { createSqsQueues } from '../../shared/adapters/sqs-queues.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { describeAnswerStore } from '../contracts/answer-store.contract.ts';
import { describeApiKeyStore } from '../contracts/api-key-store.contract.ts';
import { describeBatchStore } from '../contracts/batch-store.contract.ts';
import { describeClock } from '../contracts/clock.contract.ts';
import { describeControlStore } from '../contracts/control-store.contract.ts';
import { describeLedger } from '../contracts/ledger.contract.ts';
import { describeObjects } from '../contracts/objects.contract.ts';
import { describePoolBoard } from '../contracts/pool-board.contract.ts';
import { describePoolReports } from '../contracts/pool-reports.contract.ts';
import { describePoolStore } from '../contracts/pool-store.contract.ts';
import { describeQueues } from '../contracts/queues.contract.ts';
import { describeQuotaReadings } from '../contracts/quota-readings.contract.ts';
import { describeRedriveLog } from '../contracts/redrive-log.contract.ts';
import { describeRequestLists } from '../contracts/request-lists.contract.ts';
import { describeRequestReader } from '../contracts/request-reader.contract.ts';
import { describeRequestReopener } from '../contracts/request-reopener.contract.ts';
import { describeRequestStore } from '../contracts/request-store.contract.ts';
import { describeSpendStore } from '../contracts/spend-store.contract.ts';
import { describeTableScan } from '../contracts/table-scan.contract.ts';
import { describeTenantStore } from '../contracts/tenant-store.contract.ts';
import { describeUploads } from '../contracts/uploads.contract.ts';
import { describeUseReadings } from '../contracts/use-readings.contract.ts';
import { describeDeliveryLog, describeWebhookSecrets } from '../contracts/webhooks.contract.ts';
import { type EmbeddedCloud, startEmbeddedCloud } from './embedded-cloud.ts';

const run = <T>(work: Promise<T>): Promise<T> => work;

const askAgain = { clock: systemClock, random: Math.random };

let cloud: EmbeddedCloud;

beforeAll(async () => {
  cloud = await startEmbeddedCloud();
});

afterAll(() => cloud.stop());

describeQueues('SQS', async () => ({
  port: createSqsQueues({ client: cloud.sqs, urlPrefix: cloud.urlPrefix }),
  run,
  createQueue: cloud.createQueue,
}));

describeRequestStore('DynamoDB', async () => ({
  port: createDynamoRequestStore({ client: cloud.dynamo, table: cloud.requestsTable }),
  run,
}));

describeRequestLists('DynamoDB', async () => {
  const table = { client: cloud.dynamo, table: cloud.requestsTable };
  return {
    port: {
      store: createDynamoRequestStore({ ...table, indexed: true }),
      batches: createDynamoBatchStore({ ...table, ...askAgain }),
      lists: createDynamoRequestLists({ ...table, client: cloud.documents }),
    },
    run,
  };
});

describeRequestReader('DynamoDB', async () => {
  const table = { client: cloud.dynamo, table: cloud.requestsTable };
  return {
    port: {
      store: createDynamoRequestStore(table),
      reader: createDynamoRequestReader({ ...table, ...askAgain }),
    },
    run,
  };
});

describeRequestReopener('DynamoDB', async () => {
  const table = { client: cloud.dynamo, table: cloud.requestsTable };
  return {
    port: {
      store: createDynamoRequestStore(table),
      reopener: createDynamoRequestReopener(table),
      index: createDynamoDeadLetterIndex({ ...table, client: cloud.documents }),
    },
    run,
  };
});

describeDeliveryLog('DynamoDB', async () => ({
  port: createDynamoDeliveryLog({ client: cloud.documents, table: cloud.reportingTable }),
  run,
}));

describeWebhookSecrets('DynamoDB', async () => ({
  port: createDynamoWebhookSecrets({ client: cloud.documents, table: cloud.reportingTable }),
  run,
}));

describeRedriveLog('DynamoDB', async () => ({
  port: createDynamoRedriveLog({ client: cloud.documents, table: cloud.reportingTable }),
  run,
}));

describePoolStore('DynamoDB', async () => ({
  port: createDynamoPoolStore({ client: cloud.dynamo, table: cloud.requestsTable }),
  run,
}));

describePoolReports('DynamoDB', async () => {
  const table = { client: cloud.dynamo, table: cloud.requestsTable };
  return { port: { store: createDynamoPoolStore(table), reports: createDynamoPoolReports(table) }, run };
});

describeAnswerStore('DynamoDB', async () => ({
  port: createDynamoAnswerStore({ client: cloud.dynamo, table: cloud.requestsTable }),
  run,
}));

describeSpendStore('DynamoDB', async () => ({
  port: createDynamoSpendStore({ client: cloud.dynamo, table: cloud.requestsTable }),
  run,
}));

describeTenantStore('DynamoDB', async () => ({
  port: createDynamoTenantStore({ client: cloud.dynamo, table: cloud.requestsTable }),
  run,
}));

describeTableScan('DynamoDB', async () => {
  const table = { client: cloud.dynamo, table: cloud.requestsTable };
  return {
    port: {
      scan: createDynamoTableScan(table),
      store: createDynamoRequestStore(table),
      batches: createDynamoBatchStore({ ...table, ...askAgain }),
      tenants: createDynamoTenantStore(table),
    },
    run,
  };
});

describeQuotaReadings('DynamoDB', async () => ({
  port: createDynamoQuotaReadings({ client: cloud.documents, table: cloud.reportingTable }),
  run,
}));

describeUseReadings('DynamoDB', async () => ({
  port: createDynamoUseReadings({ client: cloud.documents, table: cloud.reportingTable }),
  run,
}));

describeUploads('S3', async () => ({
  port: createS3Uploads({ client: cloud.s3, bucket: cloud.bucket }),
  run,
}));

describeClock('the system', async () => ({ port: systemClock, run }));

describeControlStore('DynamoDB', async () => ({
  port: createDynamoControlStore({ client: cloud.documents, table: cloud.reportingTable }),
  run,
}));

describeApiKeyStore('DynamoDB', async () => ({
  port: createDynamoApiKeys({ client: cloud.documents, table: cloud.reportingTable }),
  run,
}));

describeBatchStore('DynamoDB', async () => ({
  port: createDynamoBatchStore({ client: cloud.dynamo, table: cloud.requestsTable, ...askAgain }),
  run,
}));

describePoolBoard('DynamoDB', async () => {
  const table = { client: cloud.dynamo, table: cloud.requestsTable };
  return { port: createDynamoPoolBoard(table), pools: createDynamoPoolStore(table), run };
});

describeObjects('S3', async () => ({
  port: createS3Objects({ client: cloud.s3, bucket: cloud.bucket }),
  run,
}));

describeLedger('DynamoDB', async () => ({
  port: createDynamoLedger({ client: cloud.dynamo, table: cloud.reportingTable }),
  ownUse: createDynamoOwnUse({ client: cloud.documents, table: cloud.reportingTable }),
  run,
  requestsBySegment: async (pool, atMs) => {
    const { Items = [] } = await cloud.documents.send(
      new QueryCommand({
        TableName: cloud.reportingTable,
        KeyConditionExpression: 'report_id = :hour',
        ExpressionAttributeValues: { ':hour': `${pool}#${new Date(atMs).toISOString().slice(0, 13)}` },
      }),
    );
    return Object.fromEntries(Items.map(({ segment, requests }) => [String(segment), Number(requests)]));
  },
}));

it('sends attributes along with a message', async () => {
  const name = await cloud.createQueue();
  const queues = createSqsQueues({ client: cloud.sqs, urlPrefix: cloud.urlPrefix });
  expect(await queues.send(name, [{ body: 'a', attributes: { reason: 'malformed_json' } }])).toEqual(
    new Set(),
  );
  const { Messages } = await cloud.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: cloud.urlPrefix + name, MessageAttributeNames: ['All'] }),
  );
  expect(Messages).toMatchObject([
    { MessageAttributes: { reason: { DataType: 'String', StringValue: 'malformed_json' } } },
  ]);
});
