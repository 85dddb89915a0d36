import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { quotaReadingKey } from '../contract/keys.ts';
import { quotaReadingSchema } from '../contract/quota-reading.ts';
import type { QuotaReadings } from '../ports/quota-readings.ts';

export interface DynamoQuotaReadingsOptions {
  readonly client: DynamoDBDocumentClient;
  /** The reporting table. */
  readonly table: string;
}

export const createDynamoQuotaReadings = ({ client, table }: DynamoQuotaReadingsOptions): QuotaReadings => ({
  read: async (pool) => {
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: quotaReadingKey(pool), ConsistentRead: true }),
    );
    return quotaReadingSchema.safeParse(Item?.reading).data;
  },
  write: async (pool, reading) => {
    await client.send(new PutCommand({ TableName: table, Item: { ...quotaReadingKey(pool), reading } }));
  },
});
