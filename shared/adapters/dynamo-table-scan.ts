import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BATCH_ID_PATTERN,
  parseTenantItemKey,
  RECONCILER_KEY,
  REQUEST_ID_PATTERN,
} from '../contract/keys.ts';
import type { ScanProgress, ScanQuestion, TableScan } from '../ports/table-scan.ts';
import { fromStoredBatch, type StoredBatch } from './batch-item-codec.ts';
import { conditionally } from './conditional-write.ts';
import { getItem, putItem, scanItems } from './dynamo-items.ts';
import { fromStoredRequest, type StoredRequest } from './request-item-codec.ts';

export interface DynamoTableScanOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
}

interface StoredProgress {
  readonly version: number;
  readonly started_at_ms: number;
  readonly after?: string;
  readonly is_done: boolean;
  readonly doubted: ScanProgress['doubted'];
  readonly doubted_at_ms: number;
}

const toStored = ({ version, startedAtMs, after, isDone, doubted, doubtedAtMs }: ScanProgress) => ({
  request_id: RECONCILER_KEY,
  version,
  started_at_ms: startedAtMs,
  ...(after === undefined ? {} : { after }),
  is_done: isDone,
  doubted,
  doubted_at_ms: doubtedAtMs,
});

const fromStored = (stored: StoredProgress): ScanProgress => ({
  version: stored.version,
  startedAtMs: stored.started_at_ms,
  ...(stored.after === undefined ? {} : { after: stored.after }),
  isDone: stored.is_done,
  doubted: stored.doubted,
  doubtedAtMs: stored.doubted_at_ms,
});

/** Left out on the other side: what is read is paid for in any case, but not what is sent. */
const filterFor = (question: ScanQuestion) => ({
  FilterExpression: [
    '(#status IN (:queued, :running) AND expires_at_ms < :expired)',
    '(#status = :running AND (attribute_not_exists(attempt_until_ms) OR attempt_until_ms < :over))',
    '(#status IN (:validating, :in_progress, :canceling) AND accepted_at_ms < :accepted)',
    // One that is missing is unequal to everything.
    '(attribute_exists(waiting) AND waiting <> :none)',
  ].join(' OR '),
  ExpressionAttributeNames: { '#status': 'status' },
  ExpressionAttributeValues: {
    ':queued': 'queued',
    ':running': 'running',
    ':validating': 'validating',
    ':in_progress': 'in_progress',
    ':canceling': 'canceling',
    ':expired': question.expiredBeforeMs,
    ':over': question.attemptOverBeforeMs,
    ':accepted': question.acceptedBeforeMs,
    ':none': 0,
  },
});

export const createDynamoTableScan = ({ client, table }: DynamoTableScanOptions): TableScan => ({
  page: async (after, question) => {
    const { Items, LastEvaluatedKey } = await scanItems(client, {
      TableName: table,
      ...filterFor(question),
      ...(after === undefined ? {} : { ExclusiveStartKey: { request_id: after } }),
    });
    const next: unknown = LastEvaluatedKey?.request_id;
    const keyed = Items.map((item) => ({ key: String(item.request_id), item }));
    return {
      requests: keyed.flatMap(({ key, item }) =>
        REQUEST_ID_PATTERN.test(key) ? [fromStoredRequest(item as unknown as StoredRequest)] : [],
      ),
      batches: keyed.flatMap(({ key, item }) =>
        BATCH_ID_PATTERN.test(key) ? [fromStoredBatch(item as unknown as StoredBatch)] : [],
      ),
      tenants: keyed.flatMap(({ key, item }) =>
        parseTenantItemKey(key) === undefined ? [] : [{ key, waiting: Number(item.waiting) }],
      ),
      next: next === undefined ? undefined : String(next),
    };
  },
  readProgress: async () => {
    const { Item } = await getItem(client, {
      TableName: table,
      Key: { request_id: RECONCILER_KEY },
      ConsistentRead: true,
    });
    return Item === undefined ? undefined : fromStored(Item as StoredProgress);
  },
  saveProgress: async (next, seen) => {
    const written = await conditionally(
      putItem(client, {
        TableName: table,
        Item: toStored(next),
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
  },
});
