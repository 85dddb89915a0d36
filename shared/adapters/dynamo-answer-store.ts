import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { answerItemKey } from '../contract/keys.ts';
import { limit } from '../contract/limits.ts';
import type { AnswerStore, KnownAnswer } from '../ports/answer-store.ts';
import { getItem, putItem } from './dynamo-items.ts';

export interface DynamoAnswerStoreOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/**
 *   answer#<key>   object_key, offset_bytes, length_bytes, finished_at_ms
 */
export const createDynamoAnswerStore = ({ client, table }: DynamoAnswerStoreOptions): AnswerStore => ({
  read: async (key) => {
    const { Item } = await getItem(client, { TableName: table, Key: { request_id: answerItemKey(key) } });
    if (Item === undefined) return undefined;
    return {
      result: { key: Item.object_key, offsetBytes: Item.offset_bytes, lengthBytes: Item.length_bytes },
      finishedAtMs: Item.finished_at_ms,
    };
  },
  put: async (key: string, { result, finishedAtMs }: KnownAnswer) => {
    await putItem(client, {
      TableName: table,
      Item: {
        request_id: answerItemKey(key),
        object_key: result.key,
        offset_bytes: result.offsetBytes,
        length_bytes: result.lengthBytes,
        finished_at_ms: finishedAtMs,
        ttl_seconds: Math.ceil(finishedAtMs / 1000) + limit('cache_seconds'),
      },
    });
  },
});
