import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { REDRIVES, redriveKey } from '../contract/keys.ts';
import { parseRedriveRecord } from '../contract/redrive.ts';
import type { RedriveLog } from '../ports/redrive-log.ts';

export interface DynamoRedriveLogOptions {
  readonly client: DynamoDBDocumentClient;
  /** The reporting table. */
  readonly table: string;
}

export const createDynamoRedriveLog = ({ client, table }: DynamoRedriveLogOptions): RedriveLog => ({
  keep: async (record) => {
    await client.send(
      new PutCommand({ TableName: table, Item: { ...redriveKey(record.redrive_id), record } }),
    );
  },
  list: async (before, most) => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: `report_id = :redrives${before === undefined ? '' : ' AND #segment < :before'}`,
        // A word that DynamoDB keeps for itself.
        ...(before === undefined ? {} : { ExpressionAttributeNames: { '#segment': 'segment' } }),
        ExpressionAttributeValues: {
          ':redrives': REDRIVES,
          ...(before === undefined ? {} : { ':before': before }),
        },
        ScanIndexForward: false,
        Limit: most,
        ConsistentRead: true,
      }),
    );
    return Items.flatMap(({ record }) => parseRedriveRecord(record) ?? []);
  },
});
