import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { REQUEST_INDEXES } from '../contract/request-indexes.ts';
import type { DeadLetterIndex } from '../ports/dead-letter-index.ts';
import type { ListPosition } from '../ports/request-lists.ts';

export interface DynamoDeadLetterIndexOptions {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
}

const { name, partition, sort } = REQUEST_INDEXES.dead_letters;

const toPosition = (item: Readonly<Record<string, unknown>>): ListPosition => ({
  requestId: String(item.request_id),
  atMs: Number(item[sort]),
});

export const createDynamoDeadLetterIndex = ({
  client,
  table,
}: DynamoDeadLetterIndexOptions): DeadLetterIndex => ({
  page: async ({ pool, limit, after }) => {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: name,
        KeyConditionExpression: '#pool = :pool',
        ExpressionAttributeNames: { '#pool': partition },
        ExpressionAttributeValues: { ':pool': pool },
        ScanIndexForward: false,
        Limit: limit,
        ...(after === undefined
          ? {}
          : { ExclusiveStartKey: { request_id: after.requestId, [partition]: pool, [sort]: after.atMs } }),
      }),
    );
    return {
      entries: Items.map(toPosition),
      next: LastEvaluatedKey === undefined ? undefined : toPosition(LastEvaluatedKey),
    };
  },
});
