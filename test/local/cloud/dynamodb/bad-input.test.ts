import { CreateTableCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { type CloudHarness, startHarness } from '../cloud-harness.ts';

let harness: CloudHarness;
beforeAll(async () => {
  harness = await startHarness();
  await harness.dynamoDb.send(
    new CreateTableCommand({
      TableName: 'items',
      AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  const waiting = { client: harness.dynamoDb, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.02 };
  await waitUntilTableExists(waiting, { TableName: 'items' });
});
afterAll(() => harness.stop());

async function send(action: string, body: string): Promise<{ status: number; text: string }> {
  const response = await fetch(harness.cloud.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${action}`,
      authorization: 'AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=0',
      'x-amz-date': '20260101T000000Z',
    },
    body,
  });
  return { status: response.status, text: await response.text() };
}

const ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/items';

test.each([
  ['PutItem', 'null'],
  ['Query', '[]'],
  ['Scan', '{'],
  ['BatchWriteItem', '{"RequestItems":{"items":[null]}}'],
  ['BatchGetItem', '{"RequestItems":{"items":{"Keys":[null]}}}'],
  ['TagResource', `{"ResourceArn":"${ARN}","Tags":[{"Key":"a"}]}`],
  ['TagResource', `{"ResourceArn":"${ARN}","Tags":[null]}`],
  ['UpdateTimeToLive', 'null'],
  ['UpdateTimeToLive', '{"TableName":["items"],"TimeToLiveSpecification":7}'],
  ['UpdateTimeToLive', '{"TableName":{},"TimeToLiveSpecification":{"AttributeName":"a","Enabled":true}}'],
  ['DescribeTimeToLive', '{"TableName":null}'],
])('%s of %s is the fault of who sent it', async (action, body) => {
  expect(await send(action, body)).toMatchObject({
    status: 400,
    text: expect.stringMatching(/(Validation|Serialization)Exception/),
  });
});

const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>({ S: 'a' }, { S: '' }, { N: '1' }, { N: 'x' }, { N: '1e400' }, { NULL: false }),
    fc.constantFrom<unknown>(
      { SS: [] },
      { SS: ['a', 'a'] },
      { B: '!' },
      null,
      1,
      [],
      { S: 1 },
      { S: 'a', N: '1' },
    ),
    fc.record({ M: fc.dictionary(fc.constantFrom('k', '__proto__', 'a.b'), tie('value')) }),
    fc.record({ L: fc.array(tie('value'), { maxLength: 2 }) }),
  ),
})).value;
const words = [
  'v',
  '#a',
  ':a',
  '=',
  '<',
  'AND',
  'NOT',
  '(',
  ')',
  'SET',
  'REMOVE',
  'ADD',
  ',',
  'v[0]',
  'v.k',
  'size(v)',
];
const whole = [
  'p = :a',
  'SET v = :a',
  'ADD v :a',
  'SET v = list_append(v, :a)',
  'attribute_type(v, :a)',
  '#a = :a',
];
const expression = fc.oneof(
  fc.constantFrom(...whole),
  fc.array(fc.constantFrom(...words, ...whole), { maxLength: 5 }).map((parts) => parts.join(' ')),
);
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const input = fc.record({
  TableName: fc.constantFrom<unknown>('items', 'items', 'items', 'nowhere', '', null),
  Key: some(fc.oneof(fc.constant({ p: { S: 'a' } }), fc.record({ p: value }))),
  Item: some(fc.record({ p: fc.oneof(fc.constant({ S: 'a' }), value), v: value })),
  ConditionExpression: some(expression),
  FilterExpression: some(expression),
  KeyConditionExpression: some(expression),
  UpdateExpression: some(expression),
  ExpressionAttributeNames: some(fc.constantFrom<unknown>({ '#a': 'v' }, { '#a': 1 }, {}, null)),
  ExpressionAttributeValues: some(fc.record({ ':a': value })),
  Limit: some(fc.constantFrom<unknown>(1, 0, 'a')),
});
const only: Readonly<Record<string, readonly string[]>> = {
  PutItem: ['Item', 'ConditionExpression', 'ExpressionAttributeNames', 'ExpressionAttributeValues'],
  UpdateItem: ['Key', 'UpdateExpression', 'ExpressionAttributeNames', 'ExpressionAttributeValues'],
  DeleteItem: ['Key', 'ConditionExpression', 'ExpressionAttributeNames', 'ExpressionAttributeValues'],
  GetItem: ['Key'],
  Query: ['KeyConditionExpression', 'ExpressionAttributeNames', 'ExpressionAttributeValues', 'Limit'],
  Scan: ['FilterExpression', 'ExpressionAttributeNames', 'ExpressionAttributeValues', 'Limit'],
};

test('answers whatever it is sent, and lives on', async () => {
  const request = fc.tuple(fc.constantFrom(...Object.keys(only)), input);
  await fc.assert(
    fc.asyncProperty(request, async ([action, fields]) => {
      const names = ['TableName', ...(only[action] ?? [])];
      const body = Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
      const { status } = await send(action, JSON.stringify(body));
      expect([200, 400]).toContain(status);
    }),
    { numRuns: 300 },
  );
}, 30_000);
