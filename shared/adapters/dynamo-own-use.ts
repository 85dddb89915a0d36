import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { reportKey } from '../contract/keys.ts';
import { type TokensUsed, WINDOW_MS } from '../core/quota/others-use.ts';
import type { OwnUse } from '../ports/account-use.ts';

export interface DynamoOwnUseOptions {
  readonly client: DynamoDBDocumentClient;
  /** The reporting table. */
  readonly table: string;
}

const HOUR_MS = 60 * 60_000;

const itemSchema = z.object({
  at_ms: z.number(),
  input_tokens: z.number(),
  output_tokens: z.number(),
  cache_write_tokens: z.number(),
});

const NONE: TokensUsed = { inputTokens: 0, outputTokens: 0, cacheWriteTokens: 0 };

/** The usage ledger, summed: it is read where others are measured, some hundred kilobytes for a busy hour. */
export const createDynamoOwnUse = ({ client, table }: DynamoOwnUseOptions): OwnUse => {
  const readHour = async (report: string, add: (item: unknown) => void): Promise<void> => {
    let from: Record<string, unknown> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'report_id = :report',
          ExpressionAttributeValues: { ':report': report },
          ProjectionExpression: 'at_ms, input_tokens, output_tokens, cache_write_tokens',
          ExclusiveStartKey: from,
        }),
      );
      for (const item of Items) add(item);
      from = LastEvaluatedKey;
    } while (from !== undefined);
  };
  return {
    ofPool: async (pool, { fromMs, toMs }) => {
      const byWindow = new Map<number, TokensUsed>();
      const add = (item: unknown): void => {
        const { at_ms, input_tokens, output_tokens, cache_write_tokens } = itemSchema.parse(item);
        if (at_ms < fromMs || at_ms >= toMs) return;
        const window = Math.floor(at_ms / WINDOW_MS) * WINDOW_MS;
        const before = byWindow.get(window) ?? NONE;
        byWindow.set(window, {
          inputTokens: before.inputTokens + input_tokens,
          outputTokens: before.outputTokens + output_tokens,
          cacheWriteTokens: before.cacheWriteTokens + cache_write_tokens,
        });
      };
      const firstHourMs = Math.floor(fromMs / HOUR_MS) * HOUR_MS;
      for (let hourMs = firstHourMs; hourMs < toMs; hourMs += HOUR_MS)
        await readHour(reportKey(pool, hourMs), add);
      return byWindow;
    },
  };
};
