import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { MOST_CANCELS, type PoolBoard } from '../ports/pool-board.ts';
import { conditionally } from './conditional-write.ts';
import { getItem, updateItem } from './dynamo-items.ts';
import { poolKey } from './stored-pool.ts';

export interface DynamoPoolBoardOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** On the pool's own item, beside its lease. */
export const createDynamoPoolBoard = ({ client, table }: DynamoPoolBoardOptions): PoolBoard => {
  const update = (
    pool: string,
    write: Pick<
      Parameters<typeof updateItem>[1],
      'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
    >,
  ) => conditionally(updateItem(client, { TableName: table, Key: poolKey(pool), ...write }));

  const ofOwner = (epoch: number) => ({
    ConditionExpression: 'attribute_exists(owners.#epoch)',
    ExpressionAttributeNames: { '#epoch': String(epoch) },
  });

  return {
    report: async (pool, report) => {
      await update(pool, {
        ...ofOwner(report.epoch),
        UpdateExpression: 'SET owners.#epoch.report = :report',
        ExpressionAttributeValues: { ':report': report },
      });
    },
    suspect: async (pool, epoch, requestId) => {
      await update(pool, {
        ...ofOwner(epoch),
        ...(requestId === undefined
          ? { UpdateExpression: 'REMOVE owners.#epoch.suspect' }
          : {
              UpdateExpression: 'SET owners.#epoch.suspect = :request_id',
              ExpressionAttributeValues: { ':request_id': requestId },
            }),
      });
    },
    askToCancel: async (pool, requestId, nowMs) => {
      const asked = await update(pool, {
        UpdateExpression: 'SET cancels.#request_id = :now_ms',
        ConditionExpression: 'attribute_exists(cancels.#request_id) OR size(cancels) < :most',
        ExpressionAttributeNames: { '#request_id': requestId },
        ExpressionAttributeValues: { ':now_ms': nowMs, ':most': MOST_CANCELS },
      });
      return asked !== undefined;
    },
    readCancels: async (pool) => {
      const { Item } = await getItem(client, {
        TableName: table,
        Key: poolKey(pool),
        ConsistentRead: true,
        ProjectionExpression: 'cancels',
      });
      return Object.keys(Item?.cancels ?? {});
    },
    canceled: async (pool, requestIds) => {
      if (requestIds.length === 0) return;
      const names = Object.fromEntries(requestIds.map((id, index) => [`#id${index}`, id]));
      await update(pool, {
        UpdateExpression: `REMOVE ${Object.keys(names)
          .map((name) => `cancels.${name}`)
          .join(', ')}`,
        ConditionExpression: 'attribute_exists(cancels)',
        ExpressionAttributeNames: names,
      });
    },
  };
};
