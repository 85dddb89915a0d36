import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { ApiKey, Scope } from '../contract/api-keys.ts';
import { API_KEYS, apiKeyItemKey } from '../contract/keys.ts';
import type { ApiKeyEnd, ApiKeyStore } from '../ports/api-key-store.ts';
import { conditionally } from './conditional-write.ts';

export interface DynamoApiKeysOptions {
  readonly client: DynamoDBDocumentClient;
  /** The reporting table. */
  readonly table: string;
}

/** `api-keys / <id>`: its attributes change one by one, so that no two who change it undo one another. */
interface StoredKey {
  readonly segment: string;
  readonly name: string;
  readonly tenant: string;
  readonly scopes: readonly Scope[];
  readonly hash: string;
  readonly created_at_ms: number;
  readonly expires_at_ms?: number;
  readonly revoked_at_ms?: number;
  readonly replaced_by?: string;
}

const toStored = (key: ApiKey) => ({
  ...apiKeyItemKey(key.id),
  name: key.name,
  tenant: key.tenant,
  scopes: [...key.scopes],
  hash: key.hash,
  created_at_ms: key.createdAtMs,
  ...(key.expiresAtMs === null ? {} : { expires_at_ms: key.expiresAtMs }),
});

const fromStored = (stored: StoredKey): ApiKey => ({
  id: stored.segment,
  name: stored.name,
  tenant: stored.tenant,
  scopes: stored.scopes,
  hash: stored.hash,
  createdAtMs: stored.created_at_ms,
  expiresAtMs: stored.expires_at_ms ?? null,
  ...(stored.revoked_at_ms === undefined ? {} : { revokedAtMs: stored.revoked_at_ms }),
  ...(stored.replaced_by === undefined ? {} : { replacedBy: stored.replaced_by }),
});

const changeOf = (end: ApiKeyEnd) =>
  end.kind === 'revoked'
    ? {
        UpdateExpression: 'SET revoked_at_ms = if_not_exists(revoked_at_ms, :at_ms)',
        ExpressionAttributeValues: { ':at_ms': end.atMs },
      }
    : {
        UpdateExpression: 'SET expires_at_ms = :expires_at_ms, replaced_by = :by',
        ExpressionAttributeValues: { ':expires_at_ms': end.expiresAtMs, ':by': end.by },
      };

export const createDynamoApiKeys = ({ client, table }: DynamoApiKeysOptions): ApiKeyStore => ({
  read: async (id) => {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: apiKeyItemKey(id) }));
    return Item === undefined ? undefined : fromStored(Item as unknown as StoredKey);
  },
  list: async () => {
    const found: ApiKey[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'report_id = :keys',
          ExpressionAttributeValues: { ':keys': API_KEYS },
          ConsistentRead: true,
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }),
      );
      found.push(...Items.map((item) => fromStored(item as unknown as StoredKey)));
      from = LastEvaluatedKey;
    } while (from !== undefined);
    return found;
  },
  create: async (key) => {
    const put = new PutCommand({
      TableName: table,
      Item: toStored(key),
      ConditionExpression: 'attribute_not_exists(report_id)',
    });
    return (await conditionally(client.send(put))) !== undefined;
  },
  end: async (id, end) => {
    const update = new UpdateCommand({
      TableName: table,
      Key: apiKeyItemKey(id),
      ConditionExpression: 'attribute_exists(report_id)',
      ...changeOf(end),
    });
    return (await conditionally(client.send(update))) !== undefined;
  },
});
