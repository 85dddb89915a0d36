import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { webhookSecretKey } from '../contract/keys.ts';
import type { WebhookSecretStore } from '../ports/webhook-secrets.ts';
import { conditionally } from './conditional-write.ts';

export interface DynamoWebhookSecretsOptions {
  readonly client: DynamoDBDocumentClient;
  /** The reporting table. */
  readonly table: string;
}

/** `webhook-secrets / <tenant>` */
interface StoredSecrets {
  readonly current_secret: string;
  readonly previous_secret?: string;
  readonly previous_until_ms?: number;
}

export const createDynamoWebhookSecrets = ({
  client,
  table,
}: DynamoWebhookSecretsOptions): WebhookSecretStore => ({
  read: async (tenant) => {
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: webhookSecretKey(tenant), ConsistentRead: true }),
    );
    if (Item === undefined) return undefined;
    const stored = Item as unknown as StoredSecrets;
    const { current_secret: current, previous_secret: secret, previous_until_ms: untilMs } = stored;
    return {
      current,
      ...(secret === undefined || untilMs === undefined ? {} : { previous: { secret, untilMs } }),
    };
  },
  replace: async (tenant, { current, previous }, instead) => {
    const Item: Record<string, unknown> & StoredSecrets = {
      ...webhookSecretKey(tenant),
      current_secret: current,
      ...(previous === undefined
        ? {}
        : { previous_secret: previous.secret, previous_until_ms: previous.untilMs }),
    };
    const written = await conditionally(
      client.send(
        new PutCommand({
          TableName: table,
          Item,
          ...(instead === undefined
            ? { ConditionExpression: 'attribute_not_exists(report_id)' }
            : {
                ConditionExpression: 'current_secret = :instead',
                ExpressionAttributeValues: { ':instead': instead },
              }),
        }),
      ),
    );
    return written !== undefined;
  },
});
