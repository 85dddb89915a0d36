import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { tenantItemKey } from '../contract/keys.ts';
import type { TenantStore } from '../ports/tenant-store.ts';
import { conditionally } from './conditional-write.ts';
import { getItem, putItem, updateItem } from './dynamo-items.ts';

/**
 *   waiting   unfinished requests of the tenant in the pool; below zero after a loss, until it is set right
 */
interface StoredTenant {
  readonly waiting?: number;
}

const countOf = (stored: StoredTenant | undefined): number => Math.max(0, stored?.waiting ?? 0);

export interface DynamoTenantStoreOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
}

export const createDynamoTenantStore = ({ client, table }: DynamoTenantStoreOptions): TenantStore => {
  const keyOf = (pool: string, tenant: string) => ({ request_id: tenantItemKey(pool, tenant) });
  return {
    addWaiting: async (pool, tenant, delta) => {
      const { Attributes } = await updateItem(client, {
        TableName: table,
        Key: keyOf(pool, tenant),
        UpdateExpression: 'ADD waiting :delta',
        ExpressionAttributeValues: { ':delta': delta },
        ReturnValues: 'UPDATED_NEW',
      });
      return (Attributes as StoredTenant | undefined)?.waiting ?? 0;
    },
    readWaiting: async (pool, tenant) => {
      const { Item } = await getItem(client, {
        TableName: table,
        Key: keyOf(pool, tenant),
        ConsistentRead: true,
      });
      return countOf(Item);
    },
    setRight: async (pool, tenant) => {
      await putItem(client, { TableName: table, Item: { ...keyOf(pool, tenant), waiting: 0 } });
    },
    setRightIf: async (pool, tenant, seen) => {
      const written = await conditionally(
        putItem(client, {
          TableName: table,
          Item: { ...keyOf(pool, tenant), waiting: 0 },
          ConditionExpression: 'waiting = :seen',
          ExpressionAttributeValues: { ':seen': seen },
        }),
      );
      return written !== undefined;
    },
  };
};
