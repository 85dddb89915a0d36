import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { RequestReader } from '../ports/request-reader.ts';
import { type AskAgain, batchGet } from './dynamo-batch-get.ts';
import { fromStoredRequest, type StoredRequest } from './request-item-codec.ts';

export interface DynamoRequestReaderOptions extends AskAgain {
  readonly client: DynamoDBClient;
  readonly table: string;
}

export const createDynamoRequestReader = (options: DynamoRequestReaderOptions): RequestReader => ({
  readMany: async (requestIds) => {
    const items = await batchGet(requestIds, { ...options, consistent: true });
    return new Map(
      items.map((item) => {
        const request = fromStoredRequest(item as unknown as StoredRequest);
        return [request.requestId, request];
      }),
    );
  },
});
