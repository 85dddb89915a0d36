import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { useReadingKey } from '../contract/keys.ts';
import { useReadingSchema } from '../contract/use-reading.ts';
import type { UseReadings } from '../ports/account-use.ts';

export interface DynamoUseReadingsOptions {
  readonly client: DynamoDBDocumentClient;
  /** The reporting table. */
  readonly table: string;
}

export const createDynamoUseReadings = ({ client, table }: DynamoUseReadingsOptions): UseReadings => ({
  read: async (pool) => {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: useReadingKey(pool) }));
    return useReadingSchema.safeParse(Item?.reading).data;
  },
  write: async (pool, reading) => {
    await client.send(new PutCommand({ TableName: table, Item: { ...useReadingKey(pool), reading } }));
  },
});
