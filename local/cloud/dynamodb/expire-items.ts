import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DynamoDb } from './start-dynamodb.ts';
import type { TimeToLive, TimeToLiveSettings } from './time-to-live.ts';

type Item = Readonly<Record<string, { readonly N?: string }>>;

export interface ExpireOptions {
  readonly dynamoDb: DynamoDb;
  readonly settings: TimeToLiveSettings;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** A page is read in one turn, during which nothing else is answered. */
const PAGE_ITEMS = 200;
/** DynamoDB leaves alone what seems to have expired longer ago: such a number was hardly meant as a time. */
const MAX_AGE_SECONDS = 5 * 365 * 24 * 3600;

/**
 * Deletes what has expired in all tables, and returns how many items that were. An item that was renewed after
 * it was read stays: the deletion holds only while the item still says that it has expired.
 */
export async function expireItems(options: ExpireOptions): Promise<number> {
  let deleted = 0;
  for (const setting of await options.settings.all()) {
    const keys = await options.settings.keysOf(setting);
    if (keys !== undefined) deleted += await expireTable(options, setting, keys);
  }
  return deleted;
}

async function expireTable(
  { dynamoDb, nowMs, signal }: ExpireOptions,
  { table, attribute }: TimeToLive,
  keys: readonly string[],
): Promise<number> {
  const nowSeconds = Math.floor(nowMs / 1000);
  const values = {
    ':now': { N: `${nowSeconds}` },
    ':oldest': { N: `${nowSeconds - MAX_AGE_SECONDS}` },
    ':n': { S: 'N' },
  };
  const isExpired = 'attribute_type(#ttl, :n) AND #ttl < :now AND #ttl > :oldest';
  const names = Object.fromEntries(keys.map((key, index) => [`#k${index}`, key]));
  let deleted = 0;
  let next: object | undefined;
  do {
    const page = await dynamoDb.call('Scan', {
      TableName: table,
      Limit: PAGE_ITEMS,
      FilterExpression: isExpired,
      ProjectionExpression: Object.keys(names).join(', '),
      ExpressionAttributeNames: { ...names, '#ttl': attribute },
      ExpressionAttributeValues: values,
      ExclusiveStartKey: next,
    });
    // The table may go at any time.
    if (page.status !== 200) return deleted;
    const { Items, LastEvaluatedKey }: { Items: Item[]; LastEvaluatedKey?: object } = JSON.parse(page.body);
    for (const Key of Items) {
      const reply = await dynamoDb.call('DeleteItem', {
        TableName: table,
        Key,
        ConditionExpression: isExpired,
        ExpressionAttributeNames: { '#ttl': attribute },
        ExpressionAttributeValues: values,
      });
      if (reply.status === 200) deleted++;
    }
    next = LastEvaluatedKey;
    await nextTurn();
  } while (next !== undefined && !signal.aborted);
  return deleted;
}
