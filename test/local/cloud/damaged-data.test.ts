import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTableCommand,
  GetItemCommand,
  PutItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { type Cloud, startCloud } from '../../../local/cloud/start-cloud.ts';
import { type Clients, createClients } from './cloud-harness.ts';

let dataDir: string;
let cloud: Cloud | undefined;
let clients: Clients | undefined;

const start = async (): Promise<Clients> => {
  cloud = await startCloud({ dataDir, port: 0, region: 'us-east-1' });
  clients = createClients(cloud.endpoint);
  return clients;
};

const stop = async (): Promise<void> => {
  clients?.destroy();
  await cloud?.close();
  cloud = undefined;
};

const LARGE = 'x'.repeat(20_000);
const ITEMS = ['a', 'b', 'c'];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'cloud-damaged-'));
  const { dynamoDb, sqs } = await start();
  await dynamoDb.send(
    new CreateTableCommand({
      TableName: 'table',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  const waiting = { client: dynamoDb, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.02 };
  await waitUntilTableExists(waiting, { TableName: 'table' });
  for (const id of ITEMS) {
    await dynamoDb.send(
      new PutItemCommand({ TableName: 'table', Item: { id: { S: id }, text: { S: LARGE } } }),
    );
    await sqs.send(new CreateQueueCommand({ QueueName: id }));
  }
  await stop();
});

afterEach(async () => {
  await stop();
  await rm(dataDir, { recursive: true, force: true });
});

const fileOf = async (database: string, name: RegExp): Promise<string> => {
  const found = (await readdir(join(dataDir, database))).find((one) => name.test(one));
  return join(dataDir, database, found ?? '');
};

/** A bit of it is another now. */
const flip = async (path: string, share: number): Promise<void> => {
  const bytes = await readFile(path);
  const place = Math.floor(bytes.length * share);
  bytes[place] = (bytes[place] ?? 0) ^ 4;
  await writeFile(path, bytes);
};

describe.each(['dynamodb', 'cloud'])('of the database %s', (database) => {
  it.each([
    ['one bit of its log', async () => flip(await fileOf(database, /\.log$/), 0.3)],
    ['the last bit of its log', async () => flip(await fileOf(database, /\.log$/), 0.999)],
    ['its list of files', async () => flip(await fileOf(database, /^MANIFEST/), 0.5)],
    ['what names that', async () => writeFile(await fileOf(database, /^CURRENT$/), 'garbage\n')],
  ])('damage to %s stops the start, however often it is tried', async (_, damage) => {
    await damage();
    for (let tries = 0; tries < 2; tries++)
      await expect(start()).rejects.toMatchObject({
        code: 'DAMAGED_DATA',
        message: expect.stringMatching(
          /^The data is damaged: .+\. Restore the data folder from a copy, or start with an empty one\.$/,
        ),
      });
  });

  it.each([
    ['what names its files', /^CURRENT$/],
    ['its list of files', /^MANIFEST/],
  ])('the loss of %s stops the start', async (_, name) => {
    await rm(await fileOf(database, name));
    await expect(start()).rejects.toMatchObject({ code: 'DAMAGED_DATA' });
  });

  it('a record that was torn by the end of the process is as if it had not been begun, and all before it is there', async () => {
    const log = await fileOf(database, /\.log$/);
    const bytes = await readFile(log);
    await appendFile(log, bytes.subarray(0, 40));
    await truncate(log, (await stat(log)).size - 20);

    const { dynamoDb, sqs } = await start();
    for (const id of ITEMS) {
      const found = await dynamoDb.send(new GetItemCommand({ TableName: 'table', Key: { id: { S: id } } }));
      expect(found.Item?.text).toEqual({ S: LARGE });
      await sqs.send(new GetQueueUrlCommand({ QueueName: id }));
    }
  });
});
