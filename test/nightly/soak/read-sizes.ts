import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { ReadyLine } from '../../../local/ready-line.ts';
import { REQUEST_ID_PATTERN } from '../../../shared/contract/keys.ts';
import { readDepths } from '../../chaos/gather-evidence.ts';
import { createSqs } from '../../end-to-end/clients.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

export interface Sizes {
  readonly requestItems: number;
  /** State of pools, counters of tenants and what else is not a request. */
  readonly otherItems: number;
  readonly ledgerItems: number;
  /** Work that is left in the input queue and in the lanes, visible or not. */
  readonly messages: number;
}

const isWork = (queue: string): boolean => /^(input|hold-|parked-)/.test(queue);
const MOST_LOOKS = 60;
const LOOK_MS = 1_000;

/** What is answered is deleted a moment later. */
const workLeft = async (ready: ReadyLine, sqs: SQSClient): Promise<number> => {
  for (let looks = 1; ; looks++) {
    const depths = Object.entries(await readDepths(sqs, ready));
    const left = depths.reduce((sum, [queue, count]) => sum + (isWork(queue) ? count : 0), 0);
    if (left === 0 || looks === MOST_LOOKS) return left;
    await sleep(LOOK_MS);
  }
};

const scanKeys = async (
  client: DynamoDBClient,
  TableName: string,
  key: string,
  see: (id: string) => void,
): Promise<void> => {
  for await (const { Items = [] } of paginateScan({ client }, { TableName, ProjectionExpression: key }))
    for (const item of Items) see(item[key]?.S ?? '');
};

/** What is stored, counted item by item. */
export const countItems = async ({
  endpoints,
  region,
  tables,
}: ReadyLine): Promise<Omit<Sizes, 'messages'>> => {
  const client = new DynamoDBClient({ region, endpoint: endpoints.dynamodb, credentials });
  let [requestItems, otherItems, ledgerItems] = [0, 0, 0];
  await scanKeys(client, tables.requests, 'request_id', (id) => {
    if (REQUEST_ID_PATTERN.test(id)) requestItems += 1;
    else otherItems += 1;
  });
  await scanKeys(client, tables.reporting, 'report_id', () => {
    ledgerItems += 1;
  });
  client.destroy();
  return { requestItems, otherItems, ledgerItems };
};

export const readSizes = async (ready: ReadyLine): Promise<Sizes> => {
  const sqs = createSqs(ready);
  const messages = await workLeft(ready, sqs);
  sqs.destroy();
  return { ...(await countItems(ready)), messages };
};
