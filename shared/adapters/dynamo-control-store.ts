import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { type ControlChange, controlsSchema, NO_CONTROLS, parseControlChange } from '../contract/controls.ts';
import { CONTROL_CHANGES, CONTROLS_KEY, controlChangeKey } from '../contract/keys.ts';
import type { ControlStore } from '../ports/control-store.ts';
import { conditionally } from './conditional-write.ts';

export interface DynamoControlStoreOptions {
  readonly client: DynamoDBDocumentClient;
  /** The reporting table. */
  readonly table: string;
}

/**
 *   controls / now                 version and record (`record`), with the change that made it
 *   controls / change#0000000007   earlier changes
 */
export const createDynamoControlStore = ({ client, table }: DynamoControlStoreOptions): ControlStore => {
  /** Again after a crash, it is the same item. */
  const keep = async (change: ControlChange): Promise<void> => {
    await client.send(
      new PutCommand({ TableName: table, Item: { ...controlChangeKey(change.version), record: change } }),
    );
  };
  return {
    read: async () => {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: CONTROLS_KEY, ConsistentRead: true }),
      );
      // What cannot be read must not be taken for "nothing is paused".
      return Item === undefined ? NO_CONTROLS : controlsSchema.parse(Item.record);
    },
    write: async (next, seen) => {
      if (seen.last_change !== null) await keep(seen.last_change);
      const written = await conditionally(
        client.send(
          new PutCommand({
            TableName: table,
            Item: { ...CONTROLS_KEY, version: next.version, record: next },
            ConditionExpression: 'attribute_not_exists(report_id) OR version = :seen',
            ExpressionAttributeValues: { ':seen': seen.version },
          }),
        ),
      );
      return written !== undefined;
    },
    changes: async (beforeVersion, most) => {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          // A word that DynamoDB keeps for itself.
          KeyConditionExpression: 'report_id = :controls AND #segment BETWEEN :first AND :last',
          ExpressionAttributeNames: { '#segment': 'segment' },
          ExpressionAttributeValues: {
            ':controls': CONTROLS_KEY.report_id,
            ':first': CONTROL_CHANGES,
            ':last': controlChangeKey(beforeVersion - 1).segment,
          },
          ScanIndexForward: false,
          Limit: most,
          ConsistentRead: true,
        }),
      );
      return Items.flatMap(({ record }) => parseControlChange(record) ?? []);
    },
  };
};
