import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { reportKey } from '../contract/keys.ts';
import type { Ledger } from '../ports/ledger.ts';
import { getItem, putItem } from './dynamo-items.ts';

export interface DynamoLedgerOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** Ledger items are kept a year: long enough to compare a month with the same month before. */
const KEEP_SECONDS = 400 * 86_400;

export const createDynamoLedger = ({ client, table }: DynamoLedgerOptions): Ledger => ({
  record: async (entry) => {
    await putItem(client, {
      TableName: table,
      Item: {
        report_id: reportKey(entry.pool, entry.atMs),
        segment: entry.segment,
        at_ms: entry.atMs,
        requests: entry.requests,
        outcomes: entry.outcomes,
        input_tokens: entry.inputTokens,
        output_tokens: entry.outputTokens,
        cache_read_tokens: entry.cacheReadTokens,
        cache_write_tokens: entry.cacheWriteTokens,
        cost_usd: entry.costUsd,
        lost_attempts: entry.lostAttempts,
        unsettled: entry.unsettled,
        ttl_seconds: Math.floor(entry.atMs / 1000) + KEEP_SECONDS,
      },
    });
  },
  isSettled: async (pool, atMs, segment) => {
    const { Item } = await getItem(client, {
      TableName: table,
      Key: { report_id: reportKey(pool, atMs), segment },
      ProjectionExpression: 'at_ms, unsettled',
      ConsistentRead: true,
    });
    return Item !== undefined && (Item.unsettled ?? 0) === 0;
  },
});
