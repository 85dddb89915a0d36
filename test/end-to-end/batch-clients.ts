import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ReadyLine } from '../../local/ready-line.ts';
import { getItem } from '../../shared/adapters/dynamo-items.ts';
import type { Batch } from '../../shared/contract/batch.ts';
import type { BatchCursor } from '../../shared/contract/batch-item.ts';
import type { Result } from '../../shared/contract/request.ts';

/** A client of batches, with nothing of ours but the ready line. */
const call = async (url: string, init: RequestInit = {}): Promise<Response> => {
  const response = await fetch(url, init);
  if (!response.ok)
    throw new Error(`${init.method ?? 'GET'} ${url} was ${response.status}: ${await response.text()}`);
  return response;
};

const post = async (url: string, body: string, contentType: string): Promise<Batch> =>
  (await (
    await call(url, { method: 'POST', headers: { 'content-type': contentType }, body })
  ).json()) as Batch;

export const submitBatch = (api: string, body: unknown): Promise<Batch> =>
  post(`${api}/v1/batches`, JSON.stringify(body), 'application/json');

/** Creates a batch, puts its lines where it is told to, and starts it. */
export const uploadBatch = async (api: string, lines: Uint8Array, options: object = {}): Promise<Batch> => {
  const upload = { size_bytes: lines.byteLength };
  const created = await submitBatch(api, { ...options, upload });
  if (created.upload === undefined) throw new Error('there is no place to upload to');
  await call(created.upload.url, { method: 'PUT', body: Buffer.from(lines) });
  return post(`${api}/v1/batches/${created.batch_id}/start`, '', 'application/json');
};

export const readBatch = async (api: string, batchId: string): Promise<Batch> =>
  (await (await call(`${api}/v1/batches/${batchId}`)).json()) as Batch;

/** All pages, one after the other. */
export async function* readResults(api: string, batchId: string, query = ''): AsyncGenerator<Result> {
  let next: string | undefined = `/v1/batches/${batchId}/results${query}`;
  while (next !== undefined) {
    const page: Response = await call(`${api}${next}`);
    for (const line of (await page.text()).split('\n')) if (line !== '') yield JSON.parse(line) as Result;
    next = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1];
  }
}

/** Reads the table as an operator would. */
export const createTableReader = ({ endpoints, region, tables }: ReadyLine) => {
  const client = new DynamoDBClient({
    region,
    endpoint: endpoints.dynamodb,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  return {
    client,
    table: tables.requests,
    cursorOf: async (batchId: string): Promise<BatchCursor> => {
      const { Item } = await getItem(client, { TableName: tables.requests, Key: { request_id: batchId } });
      return Item?.cursor as BatchCursor;
    },
    close: () => client.destroy(),
  };
};
