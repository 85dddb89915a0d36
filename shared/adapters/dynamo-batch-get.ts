import type { DynamoDBClient, KeysAndAttributes } from '@aws-sdk/client-dynamodb';
import { type BackoffOptions, backoffMs } from '../core/backoff.ts';
import type { Clock } from '../ports/clock.ts';
import { batchGetItems } from './dynamo-items.ts';

/** What a client needs that asks again. */
export interface AskAgain {
  readonly clock: Pick<Clock, 'sleep'>;
  /** [0, 1) */
  readonly random: () => number;
}

/** A table that is asked for too much rests a little, longer each time. */
const BACKOFF: BackoffOptions = { baseMs: 50, capMs: 2_000 };
/** In a row without an item: then whoever asks is told so. */
const MOST_FRUITLESS = 10;

/** DynamoDB's own: items of one read. */
const MOST_KEYS = 100;

export interface BatchGetOptions extends AskAgain {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly consistent: boolean;
}

const getPage = async (ids: readonly string[], options: BatchGetOptions) => {
  const { client, table, consistent, clock, random } = options;
  const found: Readonly<Record<string, unknown>>[] = [];
  let wanted: Record<string, KeysAndAttributes> = {
    [table]: { Keys: ids.map((id) => ({ request_id: { S: id } })), ConsistentRead: consistent },
  };
  // What does not fit into an answer, or into the second's capacity, is asked for again.
  for (let fruitless = 0; ; ) {
    const { Responses, UnprocessedKeys } = await batchGetItems(client, { RequestItems: wanted });
    const items = Responses[table] ?? [];
    found.push(...items);
    wanted = UnprocessedKeys;
    const left = wanted[table]?.Keys?.length ?? 0;
    if (left === 0) return found;
    fruitless = items.length > 0 ? 1 : fruitless + 1;
    if (fruitless > MOST_FRUITLESS)
      throw new Error(`${table} gave none of ${left} items in ${fruitless} reads; its capacity is used up`);
    await clock.sleep(backoffMs(fruitless, BACKOFF, random));
  }
};

/** Items by their ids, in any order; those that are not there are left out. */
export const batchGet = async (
  ids: readonly string[],
  options: BatchGetOptions,
): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const pages = Array.from({ length: Math.ceil(ids.length / MOST_KEYS) }, (_, page) =>
    ids.slice(page * MOST_KEYS, (page + 1) * MOST_KEYS),
  );
  return (await Promise.all(pages.map((page) => getPage(page, options)))).flat();
};
