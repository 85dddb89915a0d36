import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTableCommand,
  GetItemCommand,
  PutItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, GetQueueUrlCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { isOnPath } from '../../conformance/targets.ts';
import { type Clients, createClients, refusalOf } from './cloud-harness.ts';
import { receiveBodies } from './receive-bodies.ts';

/** Files may have this many KiB: the kernel refuses what goes beyond, as on a full disk. */
const LIMIT_KIB = 300;
const LARGE = 'x'.repeat(20_000);
const isPossible = isOnPath('prlimit') && isOnPath('bash');
let dataDir: string;
let child: ChildProcess;
let clients: Clients;

async function start(fileLimit: string): Promise<void> {
  const script = join(__dirname, 'cloud-process.ts');
  const command = `ulimit -S -f ${fileLimit}; exec "$0" --no-warnings --import tsx "$1" "$2"`;
  child = spawn('bash', ['-c', command, process.execPath, script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // What the transpiler keeps on disk is not what is limited here.
    env: { ...process.env, TSX_DISABLE_CACHE: '1' },
  });
  if (child.stdout === null) throw new Error('The cloud has no output.');
  const [endpoint] = await once(child.stdout, 'data');
  clients = createClients(String(endpoint).trim());
}

async function kill(): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  clients.destroy();
}

const createQueue = (name: string) =>
  clients.sqs.send(new CreateQueueCommand({ QueueName: name, tags: { a: 'x'.repeat(250) } }));
const putItem = (id: string) =>
  clients.dynamoDb.send(
    new PutItemCommand({ TableName: 'table', Item: { id: { S: id }, text: { S: LARGE } } }),
  );

async function createTable(): Promise<void> {
  const schema = {
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' as const }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' as const }],
    BillingMode: 'PAY_PER_REQUEST' as const,
  };
  await clients.dynamoDb.send(new CreateTableCommand({ TableName: 'table', ...schema }));
  const waiting = { client: clients.dynamoDb, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.02 };
  await waitUntilTableExists(waiting, { TableName: 'table' });
}

/** The names that were taken, and the refusal that came then. */
async function repeatUntilRefused(prefix: string, work: (name: string) => Promise<unknown>) {
  const taken: string[] = [];
  for (;;) {
    const name = `${prefix}-${taken.length}`;
    const refusal = await refusalOf(work(name)).catch(() => undefined);
    if (refusal !== undefined) return { taken, refusal };
    taken.push(name);
  }
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'cloud-full-'));
}, 30_000);
afterEach(async () => {
  await kill();
  await rm(dataDir, { recursive: true, force: true });
});

(isPossible ? test : test.skip)(
  'a full disk refuses what it cannot hold, and what it has acknowledged, before and behind, is there after kill -9',
  async () => {
    await start(String(LIMIT_KIB));
    await createTable();
    const { QueueUrl } = await createQueue('messages');
    const send = (name: string) =>
      clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: `${name} ${LARGE}` }));
    const told = 'The disk of the local cloud is full (EFBIG): make room, and ask again.';
    const messages = await repeatUntilRefused('message', send);
    expect(messages.refusal).toEqual({ name: 'InternalFailure', status: 500, message: told });
    const queues = await repeatUntilRefused('queue', createQueue);
    expect(queues.refusal).toEqual({ name: 'InternalFailure', status: 500, message: told });
    const items = await repeatUntilRefused('item', putItem);
    expect(items.refusal).toMatchObject({ name: 'InternalServerError', status: 500 });
    expect(items.refusal.message).toMatch(
      /because the disk is full\. Mend this and start the local cloud anew/,
    );

    execFileSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited']);
    const later = ['later-1', 'later-2', 'later-3'];
    for (const name of later) {
      await send(name);
      await createQueue(name);
      expect(await refusalOf(putItem(name))).toMatchObject({ name: 'InternalServerError' });
    }
    await kill();
    await start('unlimited');
    const bodies = await receiveBodies(clients.sqs, QueueUrl);
    expect(bodies.map((body) => body.split(' ')[0])).toEqual([...messages.taken, ...later]);
    for (const QueueName of [...queues.taken, ...later]) {
      await clients.sqs.send(new GetQueueUrlCommand({ QueueName }));
    }
    await putItem('later');
    for (const id of [...items.taken, 'later']) {
      const found = await clients.dynamoDb.send(
        new GetItemCommand({ TableName: 'table', Key: { id: { S: id } } }),
      );
      expect(found.Item?.text).toEqual({ S: LARGE });
    }
  },
  60_000,
);
