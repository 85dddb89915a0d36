import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { quotaReadingKey } from '../contract/keys.ts';
import { quotaReadingSchema } from '../contract/quota-reading.ts';
import type { QuotaReadings } from '../ports/quota-readings.ts';
import { getItem, putItem } from './dynamo-items.ts';

export interface DynamoQuotaReadingsOptions {
  readonly client: DynamoDBClient;
  /** The reporting table. */
  readonly table: string;
}

export const createDynamoQuotaReadings = ({ client, table }: DynamoQuotaReadingsOptions): QuotaReadings => ({
  read: async (pool) => {
    const { Item } = await getItem(client, {
      TableName: table,
      Key: quotaReadingKey(pool),
      ConsistentRead: true,
    });
    return quotaReadingSchema.safeParse(Item?.reading).data;
  },
  write: async (pool, reading) => {
    await putItem(client, { TableName: table, Item: { ...quotaReadingKey(pool), reading } });
  },
});
