import { type BatchGetItemCommandOutput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { batchGet } from '../../shared/adapters/dynamo-batch-get.ts';

type Answer = Pick<BatchGetItemCommandOutput, 'Responses' | 'UnprocessedKeys'>;

/** A client that is answered in place of the service. */
const answering = (answers: readonly Answer[]) => {
  const client = new DynamoDBClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
  });
  const asked: unknown[] = [];
  client.middlewareStack.add(
    () => async (args) => {
      const answer = answers[Math.min(asked.length, answers.length - 1)];
      asked.push(args.input);
      return { output: { ...answer, $metadata: {} }, response: {} };
    },
    { step: 'initialize', priority: 'low' },
  );
  return { client, asked };
};

const unprocessed = (...ids: readonly string[]) => ({
  table: { Keys: ids.map((id) => ({ request_id: { S: id } })) },
});

const optionsOf = (client: DynamoDBClient, slept: number[]) => ({
  client,
  table: 'table',
  consistent: true,
  clock: {
    sleep: async (durationMs: number) => {
      slept.push(durationMs);
    },
  },
  random: () => 0.5,
});

describe('dynamo-batch-get', () => {
  it('asks again for what was left, after a pause that grows while nothing comes', async () => {
    const slept: number[] = [];
    const { client, asked } = answering([
      { Responses: { table: [{ request_id: { S: 'a' } }] }, UnprocessedKeys: unprocessed('b', 'c') },
      { Responses: { table: [] }, UnprocessedKeys: unprocessed('b', 'c') },
      { Responses: { table: [] }, UnprocessedKeys: unprocessed('b', 'c') },
      { Responses: { table: [{ request_id: { S: 'b' } }] }, UnprocessedKeys: unprocessed('c') },
      { Responses: { table: [{ request_id: { S: 'c' } }] }, UnprocessedKeys: {} },
    ]);
    const items = await batchGet(['a', 'b', 'c'], optionsOf(client, slept));
    expect(items).toEqual([{ request_id: 'a' }, { request_id: 'b' }, { request_id: 'c' }]);
    expect(asked).toHaveLength(5);
    expect(slept).toEqual([25, 50, 100, 25]);
  });

  it('gives up when nothing comes for long, and says why', async () => {
    const slept: number[] = [];
    const { client, asked } = answering([{ Responses: { table: [] }, UnprocessedKeys: unprocessed('a') }]);
    await expect(batchGet(['a'], optionsOf(client, slept))).rejects.toThrow(
      'table gave none of 1 items in 11 reads; its capacity is used up',
    );
    expect(asked).toHaveLength(11);
    expect(slept).toEqual([25, 50, 100, 200, 400, 800, 1000, 1000, 1000, 1000]);
  });
});
