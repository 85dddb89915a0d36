import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { type CloudSettings, DEFAULT_SETTINGS, LiveSettings } from './admin/cloud-settings.ts';
import { openCloudDatabase } from './cloud-database.ts';
import { expireItems } from './dynamodb/expire-items.ts';
import { startSweeper } from './dynamodb/expiry-sweeper.ts';
import { startDynamoDb } from './dynamodb/start-dynamodb.ts';
import { TimeToLiveSettings } from './dynamodb/time-to-live.ts';
import { StoreFaults } from './faults/store-faults.ts';
import { startHttpServer } from './http-server.ts';
import { routeRequest } from './route-request.ts';
import { openObjectStore } from './s3/object-store.ts';
import { Outbox } from './sns/outbox.ts';
import { TopicStore } from './sns/topic-store.ts';
import { MoveTasks } from './sqs/move-tasks.ts';
import { QueueRegistry } from './sqs/queue-registry.ts';
import { UndeliveredResponses } from './undelivered-responses.ts';

export interface CloudOptions {
  readonly dataDir: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly region: string;
  readonly accountId?: string;
  /** Where it starts from; `PUT /_cloud/settings` changes them while it runs. */
  readonly settings?: Partial<CloudSettings>;
}

export interface Cloud {
  readonly port: number;
  readonly endpoint: string;
  /** Ends long polls, answers what is under way, and closes the databases. */
  close(): Promise<void>;
}

export const DEFAULT_ACCOUNT_ID = '000000000000';

/** SQS, SNS, S3 and DynamoDB on one port of 127.0.0.1, durable under `dataDir`. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { dataDir, port, region, accountId = DEFAULT_ACCOUNT_ID } = options;
  const startSettings: CloudSettings = { ...DEFAULT_SETTINGS, ...options.settings };
  const closing = new AbortController();
  // Every request under way listens.
  setMaxListeners(0, closing.signal);
  // Undone in reverse, also when a later step of the start fails.
  const opened: (() => Promise<void>)[] = [];
  const close = async () => {
    closing.abort();
    for (const undo of opened.splice(0).reverse()) await undo();
  };
  try {
    // LevelDB lets one process in, so a second cloud on the same directory ends here.
    const database = await openCloudDatabase(join(dataDir, 'cloud'));
    opened.push(() => database.close());
    const queues = await QueueRegistry.open({
      database,
      messageDirectory: join(dataDir, 'messages'),
      region,
      accountId,
      nowMs: Date.now,
      fairness: startSettings.fairness,
    });
    opened.push(async () => queues.close());
    const moves = await MoveTasks.open({ database, queues, nowMs: Date.now });
    opened.push(() => moves.close());
    const topics = await TopicStore.open(database);
    const outbox = await Outbox.open(database);
    const objects = await openObjectStore({
      database,
      directory: join(dataDir, 'objects'),
      region,
      nowMs: Date.now,
    });
    const dynamoDb = await startDynamoDb({ directory: join(dataDir, 'dynamodb'), region, accountId });
    opened.push(() => dynamoDb.close());
    const timeToLive = new TimeToLiveSettings(database, dynamoDb);
    const sweeper = startSweeper((signal) =>
      expireItems({ dynamoDb, settings: timeToLive, nowMs: Date.now(), signal }),
    );
    opened.push(() => sweeper.close());
    const settings = new LiveSettings(startSettings, ({ fairness }) => {
      queues.fairness = fairness;
    });
    const faults = new StoreFaults(Date.now, Math.random);
    const undelivered = new UndeliveredResponses();
    const services = {
      ...{ queues, moves, topics, outbox, objects, dynamoDb, timeToLive, settings, faults, undelivered },
      ...{ region, accountId, nowMs: Date.now, closing: closing.signal },
    };
    const server = await startHttpServer(port, (request, response) =>
      routeRequest(services, request, response),
    );
    opened.push(() => server.close());
    return { port: server.port, endpoint: `http://127.0.0.1:${server.port}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}
