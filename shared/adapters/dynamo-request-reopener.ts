import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { generationOf, type RequestItem } from '../contract/request-item.ts';
import { toReopened } from '../core/dead-letter-reopening.ts';
import { statesBefore } from '../core/lifecycle.ts';
import type { RequestReopener } from '../ports/request-reopener.ts';
import { conditionally } from './conditional-write.ts';
import { getItem, updateItem } from './dynamo-items.ts';
import { fromStoredRequest, type StoredRequest, toStoredEarlier } from './request-item-codec.ts';

export interface DynamoRequestReopenerOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** All that an end, or a claim, has left. It stays among the dead letters until it ends anew. */
const REMOVED = [
  'epoch',
  'attempt_until_ms',
  'called_at_ms',
  'finished_at_ms',
  'attention_at_ms',
  'ttl_seconds',
  'not_before_ms',
  'result_key',
  'result_offset',
  'result_length',
  'usage',
  'cost_usd',
  'error_code',
];

const valuesOf = (item: RequestItem): Readonly<Record<string, unknown>> => ({
  status: item.status,
  pool: item.pool,
  priority: item.priority,
  expires_at_ms: item.expiresAtMs,
  claims: item.claims,
  attempts: item.attempts,
  service_faults: item.serviceFaults,
  crashes: item.crashes,
  suspect_crashes: item.suspectCrashes,
  attempt_log: [],
  generation: item.generation,
  reopened_at_ms: item.reopenedAtMs,
  text_id: item.textId,
  earlier: toStoredEarlier(item.earlier ?? []),
});

export const createDynamoRequestReopener = ({
  client,
  table,
}: DynamoRequestReopenerOptions): RequestReopener => ({
  reopen: async (reopening) => {
    const { seen, textId } = reopening;
    const Key = { request_id: seen.requestId };
    const values = valuesOf(toReopened(reopening));
    const names = [...Object.keys(values), ...REMOVED];
    const from = statesBefore('reopened');
    const written = await conditionally(
      updateItem(client, {
        TableName: table,
        Key,
        UpdateExpression: `SET ${Object.keys(values)
          .map((name) => `#${name} = :${name}`)
          .join(', ')} REMOVE ${REMOVED.map((name) => `#${name}`).join(', ')}`,
        ConditionExpression: [
          `#status IN (${from.map((_, index) => `:before_${index}`).join(', ')})`,
          '#claims = :seen_claims',
          generationOf(seen) === 0 ? 'attribute_not_exists(#generation)' : '#generation = :seen_generation',
        ].join(' AND '),
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: {
          ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])),
          ...Object.fromEntries(from.map((status, index) => [`:before_${index}`, status])),
          ':seen_claims': seen.claims,
          ...(generationOf(seen) === 0 ? {} : { ':seen_generation': generationOf(seen) }),
        },
        ReturnValues: 'ALL_NEW',
      }),
    );
    if (written !== undefined) return fromStoredRequest(written.Attributes as StoredRequest);
    const { Item } = await getItem(client, { TableName: table, Key, ConsistentRead: true });
    // An answer that was lost is asked for again: that write has won all the same.
    return (Item as StoredRequest | undefined)?.text_id === textId
      ? fromStoredRequest(Item as StoredRequest)
      : undefined;
  },
});
