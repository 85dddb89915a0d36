import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import { type CloudDatabase, openCloudDatabase } from '../../../../local/cloud/cloud-database.ts';
import { expireItems } from '../../../../local/cloud/dynamodb/expire-items.ts';
import { pauseAfter } from '../../../../local/cloud/dynamodb/expiry-sweeper.ts';
import { type DynamoDb, startDynamoDb } from '../../../../local/cloud/dynamodb/start-dynamodb.ts';
import { TimeToLiveSettings } from '../../../../local/cloud/dynamodb/time-to-live.ts';
import { type CloudHarness, refusalOf, startHarness } from '../cloud-harness.ts';

const NOW_SECONDS = 1_800_000_000;
const FIVE_YEARS_SECONDS = 157_680_000;
const TABLE = {
  AttributeDefinitions: [
    { AttributeName: 'name', AttributeType: 'S' as const },
    { AttributeName: 'at', AttributeType: 'N' as const },
  ],
  KeySchema: [
    { AttributeName: 'name', KeyType: 'HASH' as const },
    { AttributeName: 'at', KeyType: 'RANGE' as const },
  ],
  BillingMode: 'PAY_PER_REQUEST' as const,
};

describe('over the wire', () => {
  let harness: CloudHarness;
  beforeEach(async () => {
    harness = await startHarness();
    await createItems();
  });
  afterEach(() => harness.stop());

  const createItems = async () => {
    await harness.dynamoDb.send(new CreateTableCommand({ TableName: 'items', ...TABLE }));
    await waitUntilTableExists(
      { client: harness.dynamoDb, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.02 },
      { TableName: 'items' },
    );
  };
  const update = (Enabled: boolean, AttributeName = 'ttl', TableName = 'items') =>
    harness.dynamoDb.send(
      new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName, Enabled } }),
    );
  const describeIt = async (TableName = 'items') =>
    (await harness.dynamoDb.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription;

  test('is switched on and off, and kept over a restart', async () => {
    expect(await describeIt()).toEqual({ TimeToLiveStatus: 'DISABLED' });
    const { TimeToLiveSpecification } = await update(true);
    expect(TimeToLiveSpecification).toEqual({ AttributeName: 'ttl', Enabled: true });
    await harness.restart();
    expect(await describeIt()).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' });
    await update(false);
    expect(await describeIt()).toEqual({ TimeToLiveStatus: 'DISABLED' });
  });

  test('refuses what DynamoDB refuses', async () => {
    expect(await refusalOf(update(false))).toMatchObject({
      name: 'ValidationException',
      message: 'TimeToLive is already disabled',
      status: 400,
    });
    await update(true);
    expect((await refusalOf(update(true))).message).toBe('TimeToLive is already enabled');
    expect((await refusalOf(update(false, 'other'))).message).toBe(
      'TimeToLive is active on a different AttributeName: current AttributeName is ttl',
    );
    expect((await refusalOf(update(true, ''))).name).toBe('ValidationException');
    expect((await refusalOf(update(true, 'ttl', 'nowhere'))).name).toBe('ResourceNotFoundException');
    expect((await refusalOf(describeIt('nowhere'))).name).toBe('ResourceNotFoundException');
  });

  test('goes with its table: one of the same name starts without', async () => {
    await update(true);
    await harness.dynamoDb.send(new DeleteTableCommand({ TableName: 'items' }));
    await waitUntilTableNotExists(
      { client: harness.dynamoDb, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.02 },
      { TableName: 'items' },
    );
    await createItems();
    expect(await describeIt()).toEqual({ TimeToLiveStatus: 'DISABLED' });
  });

  test('removes what has expired soon after a start', async () => {
    await update(true);
    const Item = { name: { S: 'a' }, at: { N: '1' }, ttl: { N: String(Math.floor(Date.now() / 1000) - 10) } };
    await harness.dynamoDb.send(new PutItemCommand({ TableName: 'items', Item }));
    await harness.restart();
    const get = new GetItemCommand({ TableName: 'items', Key: { name: Item.name, at: Item.at } });
    while ((await harness.dynamoDb.send(get)).Item !== undefined);
  });
});

describe('a sweep', () => {
  let directory: string;
  let database: CloudDatabase;
  let dynamoDb: DynamoDb;
  let settings: TimeToLiveSettings;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ttl-'));
    database = await openCloudDatabase(join(directory, 'cloud'));
    dynamoDb = await startDynamoDb({
      directory: join(directory, 'dynamodb'),
      region: 'us-east-1',
      accountId: '000000000000',
    });
    settings = new TimeToLiveSettings(database, dynamoDb);
    await call('CreateTable', { TableName: 'items', ...TABLE });
    const isActive = async () =>
      (await call('DescribeTable', { TableName: 'items' })).Table.TableStatus === 'ACTIVE';
    while (!(await isActive()));
    const TimeToLiveSpecification = { AttributeName: 'name of ttl', Enabled: true };
    await settings.answer('UpdateTimeToLive', toBody({ TableName: 'items', TimeToLiveSpecification }));
  });
  afterEach(async () => {
    await dynamoDb.close();
    await database.close();
    await rm(directory, { recursive: true, force: true });
  });

  const toBody = (input: object) => Buffer.from(JSON.stringify(input));
  const call = async (action: string, input: object, on = dynamoDb) => {
    const { status, body } = await on.call(action, input);
    if (status !== 200) throw new Error(body);
    return JSON.parse(body);
  };
  const put = (name: string, ttl?: object) =>
    call('PutItem', {
      TableName: 'items',
      Item: { name: { S: name }, at: { N: '1' }, ...(ttl && { 'name of ttl': ttl }) },
    });
  const sweep = (on = dynamoDb) =>
    expireItems({
      dynamoDb: on,
      settings,
      nowMs: NOW_SECONDS * 1000,
      signal: new AbortController().signal,
    });
  const names = async () => {
    const { Items } = await call('Scan', { TableName: 'items' });
    return Items.map(({ name }: { name: { S: string } }) => name.S).sort();
  };

  test('deletes what has expired, and nothing else', async () => {
    await put('expired', { N: String(NOW_SECONDS - 1) });
    await put('expired long ago', { N: String(NOW_SECONDS - FIVE_YEARS_SECONDS + 1) });
    await put('expires now', { N: String(NOW_SECONDS) });
    await put('expires later', { N: String(NOW_SECONDS + 1) });
    await put('in milliseconds', { N: String(NOW_SECONDS * 1000) });
    await put('too old to be meant', { N: String(NOW_SECONDS - FIVE_YEARS_SECONDS) });
    await put('a text', { S: String(NOW_SECONDS - 1) });
    await put('never expires');
    expect(await sweep()).toBe(2);
    expect(await names()).toEqual([
      'a text',
      'expires later',
      'expires now',
      'in milliseconds',
      'never expires',
      'too old to be meant',
    ]);
  });

  test('goes through more than one page', async () => {
    for (let count = 0; count < 450; count++) await put(`item ${count}`, { N: String(NOW_SECONDS - 1) });
    expect(await sweep()).toBe(450);
    expect(await names()).toEqual([]);
  });

  test('leaves an item that is renewed between its reading and its deletion', async () => {
    await put('renewed', { N: String(NOW_SECONDS - 1) });
    await put('expired', { N: String(NOW_SECONDS - 1) });
    const renewing: DynamoDb = {
      ...dynamoDb,
      call: async (action, input) => {
        const reply = await dynamoDb.call(action, input);
        if (action === 'Scan') await put('renewed', { N: String(NOW_SECONDS + 60) });
        return reply;
      },
    };
    expect(await sweep(renewing)).toBe(1);
    expect(await names()).toEqual(['renewed']);
  });

  test('forgets tables that are gone', async () => {
    await call('DeleteTable', { TableName: 'items' });
    while ((await dynamoDb.call('DescribeTable', { TableName: 'items' })).status === 200);
    expect(await sweep()).toBe(0);
    expect(await settings.all()).toEqual([]);
  });
});

test.each([
  [0, 30_000],
  [1_000, 30_000],
  [10_000, 190_000],
])('after a sweep of %d ms it pauses for %d ms', (sweepMs, pauseMs) => {
  expect(pauseAfter(sweepMs)).toBe(pauseMs);
});
