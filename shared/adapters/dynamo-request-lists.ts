import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { customKeyOf, REQUEST_INDEXES } from '../contract/request-indexes.ts';
import type { ListPosition, ListQuestion, RequestLists } from '../ports/request-lists.ts';

export interface DynamoRequestListsOptions {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
}

const partitionOf = ({ list, tenant }: ListQuestion): string =>
  list.by === 'custom_id' ? customKeyOf(tenant, list.customId) : tenant;

export const createDynamoRequestLists = ({ client, table }: DynamoRequestListsOptions): RequestLists => ({
  page: async (question) => {
    const { name, partition, sort } = REQUEST_INDEXES[question.list.by];
    const owner = partitionOf(question);
    const toPosition = (item: Readonly<Record<string, unknown>>): ListPosition => ({
      requestId: String(item.request_id),
      atMs: Number(item[sort]),
    });
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: name,
        KeyConditionExpression: '#owner = :owner',
        ExpressionAttributeNames: { '#owner': partition },
        ExpressionAttributeValues: { ':owner': owner },
        ScanIndexForward: false,
        Limit: question.limit,
        // The partition is the asker's own, whatever position was given: nobody reads another tenant's list.
        ...(question.after === undefined
          ? {}
          : {
              ExclusiveStartKey: {
                request_id: question.after.requestId,
                [partition]: owner,
                [sort]: question.after.atMs,
              },
            }),
      }),
    );
    return {
      entries: Items.map(toPosition),
      next: LastEvaluatedKey === undefined ? undefined : toPosition(LastEvaluatedKey),
    };
  },
});
