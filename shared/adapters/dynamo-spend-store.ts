import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { spendItemKey } from '../contract/keys.ts';
import type { Spend, SpendLimit } from '../core/limits/spend-limits.ts';
import type { SpendAccount, SpendStore } from '../ports/spend-store.ts';
import { conditionally } from './conditional-write.ts';
import { getItem, updateItem } from './dynamo-items.ts';

/** Long enough for whoever asks what a month has cost when it is over. */
const KEEP_SECONDS = 40 * 86_400;

export interface DynamoSpendStoreOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** The room that is left has to be there before: a condition can compare, but not add. */
const roomFor = ({ most }: SpendLimit, { microdollars, tokens }: Spend) => {
  const rooms = [
    ...(most.microdollars === undefined ? [] : [['microdollars', most.microdollars - microdollars] as const]),
    ...(most.tokens === undefined ? [] : [['tokens', most.tokens - tokens] as const]),
  ];
  return {
    fits: rooms.every(([, room]) => room >= 0),
    condition: rooms
      .map(([name]) => `(attribute_not_exists(${name}) OR ${name} <= :room_${name})`)
      .join(' AND '),
    values: Object.fromEntries(rooms.map(([name, room]) => [`:room_${name}`, room])),
  };
};

/**
 *   spend#<tenant>#<period>   microdollars, tokens: what was used, and what is reserved
 */
export const createDynamoSpendStore = ({ client, table }: DynamoSpendStoreOptions): SpendStore => {
  const keyOf = ({ tenant, period }: SpendAccount) => ({ request_id: spendItemKey(tenant, period) });
  return {
    reserve: async (tenant, limit, amount) => {
      const { fits, condition, values } = roomFor(limit, amount);
      if (!fits) return false;
      const written = await conditionally(
        updateItem(client, {
          TableName: table,
          Key: keyOf({ tenant, period: limit.period }),
          UpdateExpression: 'ADD microdollars :microdollars, tokens :tokens SET ttl_seconds = :ttl_seconds',
          ConditionExpression: condition,
          ExpressionAttributeValues: {
            ':microdollars': amount.microdollars,
            ':tokens': amount.tokens,
            ':ttl_seconds': Math.ceil(limit.endsAtMs / 1000) + KEEP_SECONDS,
            ...values,
          },
        }),
      );
      return written !== undefined;
    },
    correct: async (account, by) => {
      await updateItem(client, {
        TableName: table,
        Key: keyOf(account),
        UpdateExpression: 'ADD microdollars :microdollars, tokens :tokens',
        ExpressionAttributeValues: { ':microdollars': by.microdollars, ':tokens': by.tokens },
      });
    },
    read: async (account) => {
      const { Item } = await getItem(client, { TableName: table, Key: keyOf(account), ConsistentRead: true });
      return { microdollars: Item?.microdollars ?? 0, tokens: Item?.tokens ?? 0 };
    },
  };
};
