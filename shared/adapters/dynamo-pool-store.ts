import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { FUNCTIONS } from '../contract/functions.ts';
import { poolItemKey } from '../contract/keys.ts';
import type { GovernorSnapshot } from '../core/governor/governor.ts';
import type { Lease, PoolStore } from '../ports/pool-store.ts';
import { conditionally } from './conditional-write.ts';

/**
 *   lease_until_ms   held until then; 0 when let go
 *   hand_over        the owner would rather be relieved
 *   epoch            grows with every owner
 *   live_epochs      epoch → when it began; removed by its owner after its last call
 *   governor_snapshot   the governor, as JSON
 *   report           what the owner tells those who only read, as JSON
 */
interface StoredPool {
  readonly epoch: number;
  readonly lease_until_ms: number;
  readonly hand_over: boolean;
  readonly live_epochs: Readonly<Record<string, number>>;
  readonly governor_snapshot?: string;
}

/** No call outlives its Lambda: after this an owner has ended, whatever it wrote. */
const LONGEST_LIFE_MS = (FUNCTIONS.prioritization.timeoutSeconds + 60) * 1000;

const toLease = (stored: StoredPool): Lease => ({
  epoch: stored.epoch,
  liveEpochs: Object.keys(stored.live_epochs).map(Number),
  snapshot:
    stored.governor_snapshot === undefined
      ? undefined
      : (JSON.parse(stored.governor_snapshot) as GovernorSnapshot),
});

const isFree = (stored: StoredPool, nowMs: number): boolean =>
  stored.lease_until_ms <= nowMs || stored.hand_over;

export interface DynamoPoolStoreOptions {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
}

export const createDynamoPoolStore = ({ client, table }: DynamoPoolStoreOptions): PoolStore => {
  const keyOf = (pool: string) => ({ request_id: poolItemKey(pool) });

  const read = async (pool: string): Promise<StoredPool | undefined> => {
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: keyOf(pool), ConsistentRead: true }),
    );
    return Item as StoredPool | undefined;
  };

  const createFirst = async (pool: string, nowMs: number, leaseMs: number): Promise<Lease | undefined> => {
    const first: StoredPool = {
      epoch: 1,
      lease_until_ms: nowMs + leaseMs,
      hand_over: false,
      live_epochs: { 1: nowMs },
    };
    const created = await conditionally(
      client.send(
        new PutCommand({
          TableName: table,
          Item: { ...keyOf(pool), ...first },
          ConditionExpression: 'attribute_not_exists(request_id)',
        }),
      ),
    );
    return created === undefined ? undefined : toLease(first);
  };

  const takeOver = async (
    pool: string,
    seen: StoredPool,
    nowMs: number,
    leaseMs: number,
  ): Promise<Lease | undefined> => {
    const epoch = seen.epoch + 1;
    const dead = Object.entries(seen.live_epochs).filter(
      ([, beganAtMs]) => beganAtMs + LONGEST_LIFE_MS < nowMs,
    );
    const removals = dead.map((_, index) => `live_epochs.#dead${index}`);
    const taken = await conditionally(
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: keyOf(pool),
          UpdateExpression: `SET epoch = :epoch, lease_until_ms = :until_ms, hand_over = :no, live_epochs.#epoch = :now_ms${removals.length === 0 ? '' : ` REMOVE ${removals.join(', ')}`}`,
          // The epoch is the version, so only one can follow the owner that was seen.
          ConditionExpression: 'epoch = :seen_epoch AND (lease_until_ms <= :now_ms OR hand_over = :yes)',
          ExpressionAttributeNames: {
            '#epoch': String(epoch),
            ...Object.fromEntries(dead.map(([name], index) => [`#dead${index}`, name])),
          },
          ExpressionAttributeValues: {
            ':epoch': epoch,
            ':seen_epoch': seen.epoch,
            ':until_ms': nowMs + leaseMs,
            ':now_ms': nowMs,
            ':no': false,
            ':yes': true,
          },
          ReturnValues: 'ALL_NEW',
        }),
      ),
    );
    return taken === undefined ? undefined : toLease(taken.Attributes as StoredPool);
  };

  return {
    acquire: async (pool, nowMs, leaseMs) => {
      const seen = await read(pool);
      if (seen === undefined) return createFirst(pool, nowMs, leaseMs);
      return isFree(seen, nowMs) ? takeOver(pool, seen, nowMs, leaseMs) : undefined;
    },
    heartbeat: async (pool, { epoch, nowMs, leaseMs, snapshot, readyToHandOver, report }) => {
      const kept = await conditionally(
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf(pool),
            UpdateExpression: `SET lease_until_ms = :until_ms, governor_snapshot = :snapshot, hand_over = :hand_over${report === undefined ? '' : ', report = :report'}`,
            ConditionExpression: 'epoch = :epoch',
            ExpressionAttributeValues: {
              ':epoch': epoch,
              ':until_ms': nowMs + leaseMs,
              ':snapshot': JSON.stringify(snapshot),
              ':hand_over': readyToHandOver,
              ...(report === undefined ? {} : { ':report': JSON.stringify(report) }),
            },
            ReturnValues: 'ALL_NEW',
          }),
        ),
      );
      return kept === undefined ? undefined : toLease(kept.Attributes as StoredPool);
    },
    release: async (pool, epoch, snapshot) => {
      await conditionally(
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf(pool),
            UpdateExpression: 'SET lease_until_ms = :free, governor_snapshot = :snapshot',
            ConditionExpression: 'epoch = :epoch',
            ExpressionAttributeValues: { ':epoch': epoch, ':free': 0, ':snapshot': JSON.stringify(snapshot) },
          }),
        ),
      );
    },
    ended: async (pool, epoch) => {
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: keyOf(pool),
          UpdateExpression: 'REMOVE live_epochs.#epoch',
          ExpressionAttributeNames: { '#epoch': String(epoch) },
        }),
      );
    },
    isHeld: async (pool, nowMs) => {
      const seen = await read(pool);
      return seen !== undefined && !isFree(seen, nowMs);
    },
    endAll: async (pool) => {
      await conditionally(
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf(pool),
            UpdateExpression: 'SET live_epochs = :none, lease_until_ms = :free',
            ConditionExpression: 'attribute_exists(request_id)',
            ExpressionAttributeValues: { ':none': {}, ':free': 0 },
          }),
        ),
      );
    },
  };
};
