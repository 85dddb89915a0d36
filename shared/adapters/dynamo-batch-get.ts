import type { DynamoDBClient, KeysAndAttributes } from '@aws-sdk/client-dynamodb';
import { batchGetItems } from './dynamo-items.ts';

/** DynamoDB's own: items of one read. */
const MOST_KEYS = 100;

export interface BatchGetOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly consistent: boolean;
}

const getPage = async (ids: readonly string[], { client, table, consistent }: BatchGetOptions) => {
  const found: Readonly<Record<string, unknown>>[] = [];
  let wanted: Record<string, KeysAndAttributes> = {
    [table]: { Keys: ids.map((id) => ({ request_id: { S: id } })), ConsistentRead: consistent },
  };
  // What does not fit into an answer, or into the second's capacity, is asked for again.
  while (Object.keys(wanted).length > 0) {
    const { Responses, UnprocessedKeys } = await batchGetItems(client, { RequestItems: wanted });
    found.push(...(Responses[table] ?? []));
    wanted = UnprocessedKeys;
  }
  return found;
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
