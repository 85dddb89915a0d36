import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { BatchItem } from '../contract/batch-item.ts';
import type { BatchStatus } from '../contract/batch-statuses.ts';
import { tallyItemKey } from '../contract/keys.ts';
import { countMembers, emptyTally, membersOf } from '../core/batch-tally.ts';
import type { BatchChange, BatchStore, TallyAddress } from '../ports/batch-store.ts';
import {
  fromStoredBatch,
  fromStoredTally,
  type StoredBatch,
  type StoredTally,
  toStoredBatch,
  toStoredFields,
  toStoredTally,
} from './batch-item-codec.ts';
import { conditionally } from './conditional-write.ts';
import { type AskAgain, batchGet } from './dynamo-batch-get.ts';
import { getItem, putItem, updateItem } from './dynamo-items.ts';

export interface DynamoBatchStoreOptions extends AskAgain {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** Flushes of the same stretch follow one another: far more tries than owners that could stand in the way. */
const COUNT_TRIES = 50;

const toUpdate = (from: readonly BatchStatus[], { ttlSeconds, ...change }: BatchChange) => {
  const fields = toStoredFields({
    ...change,
    ...(ttlSeconds === null || ttlSeconds === undefined ? {} : { ttlSeconds }),
  });
  const names = Object.keys(fields);
  const set = names.length === 0 ? '' : `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`;
  const forward = change.cursor === undefined ? '' : ' AND #cursor.#index <= :cursor_index';
  return {
    UpdateExpression: `${set}${ttlSeconds === null ? ' REMOVE ttl_seconds' : ''}`,
    ConditionExpression: `#status IN (${from.map((_, index) => `:from_${index}`).join(', ')})${forward}`,
    ExpressionAttributeNames: {
      '#status': 'status',
      ...Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ...(change.cursor === undefined ? {} : { '#index': 'index' }),
    },
    ExpressionAttributeValues: {
      ...Object.fromEntries(names.map((name) => [`:${name}`, fields[name]])),
      ...Object.fromEntries(from.map((status, index) => [`:from_${index}`, status])),
      ...(change.cursor === undefined ? {} : { ':cursor_index': change.cursor.index }),
    },
  };
};

const createItems = ({
  client,
  table,
}: DynamoBatchStoreOptions): Pick<BatchStore, 'create' | 'read' | 'change'> => {
  const read = async (batchId: string): Promise<BatchItem | undefined> => {
    const { Item } = await getItem(client, {
      TableName: table,
      Key: { request_id: batchId },
      ConsistentRead: true,
    });
    return Item === undefined ? undefined : fromStoredBatch(Item as StoredBatch);
  };

  return {
    create: async (batch) => {
      for (;;) {
        const created = await conditionally(
          putItem(client, {
            TableName: table,
            Item: toStoredBatch(batch),
            ConditionExpression: 'attribute_not_exists(request_id)',
          }),
        );
        if (created !== undefined) return { kind: 'created' };
        const existing = await read(batch.batchId);
        // It may have been removed, as past its retention, between the two.
        if (existing !== undefined) return { kind: 'exists', batch: existing };
      }
    },
    read,
    change: async (batchId, from, change) => {
      const written = await conditionally(
        updateItem(client, {
          TableName: table,
          Key: { request_id: batchId },
          ...toUpdate(from, change),
          ReturnValues: 'ALL_NEW',
        }),
      );
      return written === undefined ? undefined : fromStoredBatch(written.Attributes as StoredBatch);
    },
  };
};

const createTallies = (options: DynamoBatchStoreOptions): Pick<BatchStore, 'count' | 'tally' | 'tallies'> => {
  const { client, table } = options;
  const keyOf = ({ batchId, tally }: TallyAddress) => ({ request_id: tallyItemKey(batchId, tally) });

  const readTally = async (address: TallyAddress): Promise<StoredTally | undefined> => {
    const { Item } = await getItem(client, { TableName: table, Key: keyOf(address), ConsistentRead: true });
    return Item as StoredTally | undefined;
  };

  const write = async (
    address: TallyAddress,
    tally: StoredTally,
    seen: StoredTally | undefined,
    ttlSeconds: number,
  ): Promise<boolean> => {
    const written = await conditionally(
      putItem(client, {
        TableName: table,
        Item: { ...keyOf(address), ...tally, ttl_seconds: ttlSeconds },
        ...(seen === undefined
          ? { ConditionExpression: 'attribute_not_exists(request_id)' }
          : {
              ConditionExpression: '#version = :seen',
              ExpressionAttributeNames: { '#version': 'version' },
              ExpressionAttributeValues: { ':seen': seen.version },
            }),
      }),
    );
    return written !== undefined;
  };

  return {
    count: async (address, members, ttlSeconds) => {
      const total = members[0]?.batch.total ?? 0;
      for (let tries = 0; tries < COUNT_TRIES; tries++) {
        const seen = await readTally(address);
        const before =
          seen === undefined ? emptyTally(membersOf(address.tally, total)) : fromStoredTally(seen);
        const after = countMembers(before, members);
        if (after === before) return before;
        if (await write(address, toStoredTally(after, (seen?.version ?? 0) + 1), seen, ttlSeconds))
          return after;
      }
      throw new Error(
        `tally ${address.tally} of ${address.batchId} changed under each of ${COUNT_TRIES} tries to count`,
      );
    },
    tally: async (address) => {
      const stored = await readTally(address);
      return stored === undefined ? undefined : fromStoredTally(stored);
    },
    tallies: async (batchId, count) => {
      const ids = Array.from({ length: count }, (_, tally) => tallyItemKey(batchId, tally));
      const items = await batchGet(ids, { ...options, consistent: true });
      return items.map((item) => fromStoredTally(item as unknown as StoredTally));
    },
  };
};

export const createDynamoBatchStore = (options: DynamoBatchStoreOptions): BatchStore => ({
  ...createItems(options),
  ...createTallies(options),
});
