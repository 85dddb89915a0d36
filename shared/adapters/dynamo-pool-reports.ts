import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { poolItemKey } from '../contract/keys.ts';
import { parsePoolReport } from '../contract/pool-report.ts';
import type { PoolReports } from '../ports/pool-reports.ts';
import { getItem } from './dynamo-items.ts';

export interface DynamoPoolReportsOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
}

export const createDynamoPoolReports = ({ client, table }: DynamoPoolReportsOptions): PoolReports => ({
  readReport: async (pool) => {
    const { Item } = await getItem(client, {
      TableName: table,
      Key: { request_id: poolItemKey(pool) },
      ProjectionExpression: 'report',
    });
    return parsePoolReport(Item?.report);
  },
});
