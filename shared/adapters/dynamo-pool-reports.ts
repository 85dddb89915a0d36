import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { poolItemKey } from '../contract/keys.ts';
import { parsePoolReport } from '../contract/pool-report.ts';
import type { PoolReports } from '../ports/pool-reports.ts';

export interface DynamoPoolReportsOptions {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
}

export const createDynamoPoolReports = ({ client, table }: DynamoPoolReportsOptions): PoolReports => ({
  readReport: async (pool) => {
    const { Item } = await client.send(
      new GetCommand({
        TableName: table,
        Key: { request_id: poolItemKey(pool) },
        ProjectionExpression: 'report',
      }),
    );
    return parsePoolReport(Item?.report);
  },
});
