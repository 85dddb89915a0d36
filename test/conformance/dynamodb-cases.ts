import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { type CaseRuns, type CloudUnderTest, casesOf, expectRefusal } from './conformance-case.ts';

const ID = { id: { S: 'a' } };

const put = (
  cloud: CloudUnderTest,
  TableName: string,
  Item: PutItemInput['Item'],
  more: Partial<PutItemInput> = {},
) => cloud.clients.dynamoDb.send(new PutItemCommand({ TableName, Item, ...more }));

const get = async (cloud: CloudUnderTest, TableName: string) =>
  (await cloud.clients.dynamoDb.send(new GetItemCommand({ TableName, Key: ID, ConsistentRead: true }))).Item;

type PutItemInput = ConstructorParameters<typeof PutItemCommand>[0];

const RUNS: CaseRuns = {
  'an item comes back as it was put': async (cloud) => {
    const table = await cloud.table();
    const item = {
      ...ID,
      text: { S: '😀' },
      number: { N: '0.1' },
      list: { L: [{ NULL: true }, { BOOL: false }] },
      map: { M: { bytes: { B: new Uint8Array([0, 255]) } } },
    };
    await put(cloud, table, item);
    expect(await get(cloud, table)).toEqual(item);
  },
  'a condition lets the first writer win': async (cloud) => {
    const table = await cloud.table();
    const only = { ConditionExpression: 'attribute_not_exists(id)' };
    await put(cloud, table, ID, only);
    await expectRefusal(put(cloud, table, ID, only), 'ConditionalCheckFailedException');
  },
  'a failed condition tells what is there, when asked': async (cloud) => {
    const table = await cloud.table();
    await put(cloud, table, { ...ID, owner: { S: 'first' } });
    const again = put(cloud, table, ID, {
      ConditionExpression: 'attribute_not_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    await expect(again).rejects.toMatchObject({ Item: { owner: { S: 'first' } } });
  },
  'an update counts, and tells the new value': async (cloud) => {
    const table = await cloud.table();
    const add = new UpdateItemCommand({
      TableName: table,
      Key: ID,
      UpdateExpression: 'ADD #c :one SET touched = if_not_exists(touched, :one)',
      ExpressionAttributeNames: { '#c': 'count' },
      ExpressionAttributeValues: { ':one': { N: '1' } },
      ReturnValues: 'ALL_NEW',
    });
    await cloud.clients.dynamoDb.send(add);
    const { Attributes } = await cloud.clients.dynamoDb.send(add);
    expect(Attributes).toEqual({ ...ID, count: { N: '2' }, touched: { N: '1' } });
  },
  'a conditional delete leaves what has changed': async (cloud) => {
    const table = await cloud.table();
    await put(cloud, table, { ...ID, version: { N: '2' } });
    const remove = new DeleteItemCommand({
      TableName: table,
      Key: ID,
      ConditionExpression: 'version = :v',
      ExpressionAttributeValues: { ':v': { N: '1' } },
    });
    await expectRefusal(cloud.clients.dynamoDb.send(remove), 'ConditionalCheckFailedException');
    expect(await get(cloud, table)).toBeDefined();
  },
  'a query reads a partition in the order of the sort key, in pages': async (cloud) => {
    const table = await cloud.table({
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'at', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'id', KeyType: 'HASH' },
        { AttributeName: 'at', KeyType: 'RANGE' },
      ],
    });
    for (const at of ['10', '9', '-1']) await put(cloud, table, { ...ID, at: { N: at } });
    const query = {
      TableName: table,
      KeyConditionExpression: 'id = :id',
      ExpressionAttributeValues: { ':id': ID.id },
      Limit: 2,
    };
    const first = await cloud.clients.dynamoDb.send(new QueryCommand(query));
    const rest = { ...query, ExclusiveStartKey: first.LastEvaluatedKey };
    const second = await cloud.clients.dynamoDb.send(new QueryCommand(rest));
    const order = [...(first.Items ?? []), ...(second.Items ?? [])].map(({ at }) => at?.N);
    expect(order).toEqual(['-1', '9', '10']);
  },
  'a global index is queried by its own key': async (cloud) => {
    const table = await cloud.table({
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'status', AttributeType: 'S' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-status',
          KeySchema: [{ AttributeName: 'status', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    });
    await put(cloud, table, { ...ID, status: { S: 'waiting' } });
    await put(cloud, table, { id: { S: 'b' } });
    const { Items } = await cloud.clients.dynamoDb.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'by-status',
        KeyConditionExpression: '#s = :s',
        ExpressionAttributeNames: { '#s': 'status' },
        ExpressionAttributeValues: { ':s': { S: 'waiting' } },
      }),
    );
    expect(Items).toEqual([{ ...ID, status: { S: 'waiting' } }]);
  },
  'batches write and read': async (cloud) => {
    const table = await cloud.table();
    const items = ['a', 'b', 'c'].map((id) => ({ id: { S: id } }));
    const write = { RequestItems: { [table]: items.map((Item) => ({ PutRequest: { Item } })) } };
    await cloud.clients.dynamoDb.send(new BatchWriteItemCommand(write));
    const read = new BatchGetItemCommand({ RequestItems: { [table]: { Keys: items } } });
    expect((await cloud.clients.dynamoDb.send(read)).Responses?.[table]).toHaveLength(3);
  },
  'a scan filters what it has read': async (cloud) => {
    const table = await cloud.table();
    for (const id of ['a', 'b'])
      await put(cloud, table, { id: { S: id }, size: { N: id === 'a' ? '1' : '5' } });
    const scan = new ScanCommand({
      TableName: table,
      FilterExpression: '#s > :s',
      ExpressionAttributeNames: { '#s': 'size' },
      ExpressionAttributeValues: { ':s': { N: '2' } },
    });
    expect(await cloud.clients.dynamoDb.send(scan)).toMatchObject({ Count: 1, ScannedCount: 2 });
  },
  'an empty text is no key': async (cloud) => {
    await expectRefusal(put(cloud, await cloud.table(), { id: { S: '' } }), 'ValidationException');
  },
  'a table that is not there is not found': async (cloud) => {
    await expectRefusal(put(cloud, 'nowhere', ID), 'ResourceNotFoundException');
  },
  'time to live is switched on and told': async (cloud) => {
    const TableName = await cloud.table();
    const TimeToLiveSpecification = { AttributeName: 'ttl', Enabled: true };
    await cloud.clients.dynamoDb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
    const described = await cloud.clients.dynamoDb.send(new DescribeTimeToLiveCommand({ TableName }));
    expect(described.TimeToLiveDescription).toEqual({ AttributeName: 'ttl', TimeToLiveStatus: 'ENABLED' });
  },
  'time to live is not switched on twice': async (cloud) => {
    const TableName = await cloud.table();
    const TimeToLiveSpecification = { AttributeName: 'ttl', Enabled: true };
    const update = new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification });
    await cloud.clients.dynamoDb.send(update);
    await expectRefusal(cloud.clients.dynamoDb.send(update), 'ValidationException');
  },
  'a transaction writes all or nothing': async (cloud) => {
    const TableName = await cloud.table();
    const TransactItems = ['a', 'b'].map((id) => ({ Put: { TableName, Item: { id: { S: id } } } }));
    await cloud.clients.dynamoDb.send(new TransactWriteItemsCommand({ TransactItems }));
    expect(await get(cloud, TableName)).toEqual(ID);
  },
};

export const DYNAMODB_CASES = casesOf('DynamoDB', RUNS);
