import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Lease, PoolStore } from '../ports/pool-store.ts';
import { conditionally } from './conditional-write.ts';
import { getItem, putItem, updateItem } from './dynamo-items.ts';
import { LONGEST_LIFE_MS, nextOwners, poolKey, type StoredPool, toLease } from './stored-pool.ts';

const isFree = (stored: Pick<StoredPool, 'lease_until_ms' | 'hand_over'>, nowMs: number): boolean =>
  stored.lease_until_ms <= nowMs || stored.hand_over;

/** Owners that finish write to the item every second: a race lost to one of them is tried again. */
const TAKE_OVER_TRIES = 4;

export interface DynamoPoolStoreOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** One of an earlier version has no owners. */
type SeenPool = Omit<StoredPool, 'owners'> & Partial<Pick<StoredPool, 'owners'>>;

interface Update {
  readonly set: string;
  readonly remove?: readonly string[];
  readonly condition: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
}

/** One owner more or less each: others write to their own meanwhile, so that the map is never replaced. */
const ownerChanges = (before: StoredPool['owners'], after: StoredPool['owners']) => {
  const changed = Object.entries(after).filter(([epoch, owner]) => before[epoch] !== owner);
  const removed = Object.keys(before).filter((epoch) => after[epoch] === undefined);
  const fell = changed.filter(([epoch]) => before[epoch] !== undefined);
  return {
    set: changed.map(([epoch]) => `, owners.#e${epoch} = :e${epoch}`).join(''),
    remove: removed.map((epoch) => `owners.#e${epoch}`),
    // One that has said meanwhile that it has ended has not fallen.
    condition: fell.map(([epoch]) => ` AND attribute_exists(owners.#e${epoch})`).join(''),
    names: Object.fromEntries(
      [...changed.map(([epoch]) => epoch), ...removed].map((epoch) => [`#e${epoch}`, epoch]),
    ),
    values: Object.fromEntries(changed.map(([epoch, owner]) => [`:e${epoch}`, owner])),
  };
};

export const createDynamoPoolStore = ({ client, table }: DynamoPoolStoreOptions): PoolStore => {
  const read = async (pool: string): Promise<SeenPool | undefined> => {
    const { Item } = await getItem(client, { TableName: table, Key: poolKey(pool), ConsistentRead: true });
    return Item as SeenPool | undefined;
  };

  /** The pool as it is afterwards, or nothing when the condition did not hold. */
  const update = async (pool: string, write: Update): Promise<Lease | undefined> => {
    const { set, remove = [], condition, names = {}, values } = write;
    const written = await conditionally(
      updateItem(client, {
        TableName: table,
        Key: poolKey(pool),
        UpdateExpression: `SET ${set}${remove.length === 0 ? '' : ` REMOVE ${remove.join(', ')}`}`,
        ConditionExpression: condition,
        ...(Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: names }),
        ExpressionAttributeValues: values,
        ReturnValues: 'ALL_NEW',
      }),
    );
    return written === undefined ? undefined : toLease(written.Attributes as StoredPool);
  };

  /** To a pool of an earlier version. */
  const addMaps = (pool: string) =>
    update(pool, {
      set: 'owners = if_not_exists(owners, :none), cancels = if_not_exists(cancels, :none)',
      condition: 'attribute_exists(request_id)',
      values: { ':none': {} },
    });

  const createFirst = async (pool: string, nowMs: number, leaseMs: number): Promise<Lease | undefined> => {
    const first: StoredPool = {
      epoch: 1,
      lease_until_ms: nowMs + leaseMs,
      hand_over: false,
      owners: { 1: { began_ms: nowMs } },
      cancels: {},
    };
    const created = await conditionally(
      putItem(client, {
        TableName: table,
        Item: { ...poolKey(pool), ...first },
        ConditionExpression: 'attribute_not_exists(request_id)',
      }),
    );
    return created === undefined ? undefined : toLease(first);
  };

  const takeOver = (
    pool: string,
    seen: Pick<StoredPool, 'epoch' | 'owners'>,
    nowMs: number,
    leaseMs: number,
  ): Promise<Lease | undefined> => {
    const owners = nextOwners(seen.owners, ({ began_ms }) => began_ms + LONGEST_LIFE_MS < nowMs);
    const next = { ...owners, [seen.epoch + 1]: { began_ms: nowMs } };
    const changes = ownerChanges(seen.owners, next);
    return update(pool, {
      ...changes,
      set: `epoch = :epoch, lease_until_ms = :until_ms, hand_over = :no${changes.set}`,
      // The epoch is the version, so only one can follow the owner that was seen.
      condition: `epoch = :seen_epoch AND (lease_until_ms <= :now_ms OR hand_over = :yes)${changes.condition}`,
      values: {
        ...changes.values,
        ':epoch': seen.epoch + 1,
        ':seen_epoch': seen.epoch,
        ':until_ms': nowMs + leaseMs,
        ':now_ms': nowMs,
        ':no': false,
        ':yes': true,
      },
    });
  };

  /** Whoever has begun since is none of those that are dead: he keeps his lease. */
  const endThrough = async (
    last: number,
    pool: string,
    seen: Pick<StoredPool, 'epoch' | 'owners' | 'lease_until_ms'>,
  ): Promise<boolean> => {
    const changes = ownerChanges(
      seen.owners,
      nextOwners(seen.owners, (_, epoch) => epoch <= last),
    );
    const ended = await update(pool, {
      ...changes,
      set: `lease_until_ms = :until_ms${changes.set}`,
      condition: `epoch = :seen_epoch AND lease_until_ms = :seen_until_ms${changes.condition}`,
      values: {
        ...changes.values,
        ':seen_epoch': seen.epoch,
        ':seen_until_ms': seen.lease_until_ms,
        ':until_ms': seen.epoch <= last ? 0 : seen.lease_until_ms,
      },
    });
    return ended !== undefined;
  };

  return {
    acquire: async (pool, nowMs, leaseMs) => {
      for (let tries = 0; tries < TAKE_OVER_TRIES; tries += 1) {
        const seen = await read(pool);
        if (seen === undefined) return createFirst(pool, nowMs, leaseMs);
        if (!isFree(seen, nowMs)) return undefined;
        if (seen.owners === undefined) await addMaps(pool);
        const taken = await takeOver(pool, { owners: {}, ...seen }, nowMs, leaseMs);
        if (taken !== undefined) return taken;
      }
      return undefined;
    },
    heartbeat: (pool, { epoch, nowMs, leaseMs, snapshot, readyToHandOver, report }) =>
      update(pool, {
        set: `lease_until_ms = :until_ms, governor_snapshot = :snapshot, hand_over = :hand_over${report === undefined ? '' : ', report = :report'}`,
        condition: 'epoch = :epoch',
        values: {
          ':epoch': epoch,
          ':until_ms': nowMs + leaseMs,
          ':snapshot': JSON.stringify(snapshot),
          ':hand_over': readyToHandOver,
          ...(report === undefined ? {} : { ':report': JSON.stringify(report) }),
        },
      }),
    release: async (pool, epoch, snapshot) => {
      await update(pool, {
        set: 'lease_until_ms = :free, governor_snapshot = :snapshot',
        condition: 'epoch = :epoch',
        values: { ':epoch': epoch, ':free': 0, ':snapshot': JSON.stringify(snapshot) },
      });
    },
    ended: async (pool, epoch) => {
      await conditionally(
        updateItem(client, {
          TableName: table,
          Key: poolKey(pool),
          UpdateExpression: 'REMOVE owners.#epoch',
          ConditionExpression: 'attribute_exists(request_id)',
          ExpressionAttributeNames: { '#epoch': String(epoch) },
        }),
      );
    },
    isHeld: async (pool, nowMs) => {
      const seen = await read(pool);
      return seen !== undefined && !isFree(seen, nowMs);
    },
    endAll: async (pool) => {
      let last: number | undefined;
      for (;;) {
        const seen = await read(pool);
        if (seen === undefined) return;
        if (seen.owners === undefined) {
          await addMaps(pool);
          continue;
        }
        last ??= seen.epoch;
        if (await endThrough(last, pool, { ...seen, owners: seen.owners })) return;
      }
    },
  };
};
