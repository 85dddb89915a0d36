import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { ReadyLine } from '../../local/ready-line.ts';
import { FOLDERS, tenantItemKey } from '../../shared/contract/keys.ts';
import type { Result } from '../../shared/contract/request.ts';
import { forEachConcurrently } from '../end-to-end/clients.ts';
import type { ApiAnswer, LedgerItem, StoredLine } from './evidence.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

export const readAnswers = async (api: string, requestIds: readonly string[]): Promise<ApiAnswer[]> => {
  const answers: ApiAnswer[] = [];
  await forEachConcurrently(requestIds, 8, async (requestId) => {
    const response = await fetch(`${api}/v1/requests/${requestId}`);
    answers.push({ requestId, status: response.status, body: await response.json() });
  });
  return answers;
};

const linesOf = (key: string, text: string): StoredLine[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ key, result: JSON.parse(line) as Result }));

export const readStored = async ({ endpoints, region, bucket }: ReadyLine): Promise<StoredLine[]> => {
  const s3 = new S3Client({ region, endpoint: endpoints.s3, forcePathStyle: true, credentials });
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client: s3 },
    { Bucket: bucket, Prefix: FOLDERS.results },
  ))
    keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
  const lines: StoredLine[] = [];
  await forEachConcurrently(keys, 8, async (Key) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    lines.push(...linesOf(Key, (await Body?.transformToString()) ?? ''));
  });
  s3.destroy();
  return lines;
};

export const readLedger = async ({ endpoints, region, tables }: ReadyLine): Promise<LedgerItem[]> => {
  const client = new DynamoDBClient({ region, endpoint: endpoints.dynamodb, credentials });
  const items: LedgerItem[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName: tables.reporting }))
    items.push(...Items.map((item) => unmarshall(item) as LedgerItem));
  client.destroy();
  return items.filter(({ segment }) => segment !== undefined);
};

/** By the key of its item, what a tenant is said to have waiting in a pool. */
export const readCounters = async ({
  endpoints,
  region,
  tables,
}: ReadyLine): Promise<Readonly<Record<string, number>>> => {
  const client = new DynamoDBClient({ region, endpoint: endpoints.dynamodb, credentials });
  const counters: Record<string, number> = {};
  for await (const { Items = [] } of paginateScan(
    { client },
    {
      TableName: tables.requests,
      FilterExpression: 'begins_with(request_id, :tenant)',
      ExpressionAttributeValues: { ':tenant': { S: tenantItemKey('', '').slice(0, -1) } },
    },
  ))
    for (const item of Items) {
      const { request_id, waiting } = unmarshall(item) as { request_id: string; waiting?: number };
      counters[request_id] = waiting ?? 0;
    }
  client.destroy();
  return counters;
};

/** Messages of every queue, visible or not. */
export const readDepths = async (
  sqs: SQSClient,
  { queues }: ReadyLine,
): Promise<Readonly<Record<string, number>>> =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(queues).map(async ([name, QueueUrl]) => {
        const { Attributes = {} } = await sqs.send(
          new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
        );
        const counts = [
          Attributes.ApproximateNumberOfMessages,
          Attributes.ApproximateNumberOfMessagesNotVisible,
          Attributes.ApproximateNumberOfMessagesDelayed,
        ];
        return [name, counts.reduce((sum, count) => sum + Number(count ?? 0), 0)] as const;
      }),
    ),
  );
