import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Host } from '../functions/runtime/compose.ts';
import {
  createDynamoClient,
  createS3Client,
  createSqsClient,
  type ServiceAddresses,
} from '../functions/runtime/compose-clients.ts';
import type { Environment } from '../functions/runtime/environment.ts';
import { createDynamoPoolStore } from '../shared/adapters/dynamo-pool-store.ts';
import type { EnvName } from '../shared/contract/env.ts';
import { FUNCTIONS, type FunctionName } from '../shared/contract/functions.ts';
import { QUEUES } from '../shared/contract/names.ts';
import { describeResources } from '../shared/contract/resources.ts';
import type { Settings } from '../shared/contract/settings.ts';
import { createOpsPage } from './console/ops-page.ts';
import { type CreatedResources, createResources, type ExplainFault } from './create-resources.ts';
import { openDataFolder } from './data-folder.ts';
import { type CloudProcess, forkCloud } from './fork-cloud.ts';
import { startSchedule } from './lambda/schedule.ts';
import { openLogFile } from './log-file.ts';
import { openDoor } from './open-door.ts';
import type { ReadyLine } from './ready-line.ts';
import { addressesOf, type Endpoints, givenEndpoints, toGivenFault } from './service-addresses.ts';
import { type SimulatorSettings, toBedrockOptions } from './simulator-options.ts';
import { createLocalFunctions } from './start-functions.ts';

export interface LocalOptions {
  readonly settings: Settings;
  readonly env: Environment;
  readonly dataDir: string;
  readonly reset: boolean;
  readonly ports: { readonly api: number; readonly cloud: number; readonly simulator: number };
  readonly simulator: SimulatorSettings;
  /** The embedded cloud ended by itself: nothing works any more. */
  readonly onLost: (reason: string) => void;
}

export interface Local {
  readonly ready: ReadyLine;
  readonly embedded: { readonly cloud: boolean; readonly simulator: boolean };
  readonly logs: string;
  /** Ends the drains first, then the doors, then the cloud. */
  stop(): Promise<void>;
}

const TICK_SECONDS = 60;

/** Undone in reverse, also when a later step of the start fails. */
interface Opened {
  add(undo: () => Promise<void> | void): void;
  undoAll(): Promise<void>;
}

const createOpened = (): Opened => {
  const undos: (() => Promise<void> | void)[] = [];
  return {
    add: (undo) => {
      undos.push(undo);
    },
    undoAll: async () => {
      for (const undo of undos.splice(0).reverse()) await undo();
    },
  };
};

const startServices = async (
  options: LocalOptions,
  dataDir: string,
  given: Partial<Endpoints>,
): Promise<CloudProcess> => {
  const { settings, ports, simulator, env } = options;
  const cloudNeeded = (['sqs', 'dynamodb', 's3', 'sns'] as const).some((name) => given[name] === undefined);
  const request = {
    ...(cloudNeeded
      ? { cloud: { dataDir: `${dataDir}/cloud`, port: ports.cloud, region: settings.aws_region } }
      : {}),
    ...(given.bedrockRuntime === undefined
      ? { bedrock: toBedrockOptions(settings, simulator, ports.simulator) }
      : {}),
  };
  // The embedded DynamoDB takes the region of its ARNs from the environment.
  return forkCloud(request, { ...env, AWS_REGION: settings.aws_region });
};

const endpointsOf = (process: CloudProcess, given: Partial<Endpoints>): Endpoints => {
  const { cloud = '', bedrock = '' } = process.endpoints;
  return { sqs: cloud, dynamodb: cloud, s3: cloud, sns: cloud, bedrockRuntime: bedrock, ...given };
};

const variablesOf = (settings: Settings, created: CreatedResources): Readonly<Record<EnvName, string>> => ({
  SMOOTHER_SETTINGS: JSON.stringify(settings),
  SMOOTHER_QUEUE_URL_PREFIX: (created.queues[QUEUES.input]?.url ?? '').replace(/input$/, ''),
  SMOOTHER_REQUESTS_TABLE: created.requestsTable,
  SMOOTHER_REPORTING_TABLE: created.reportingTable,
  SMOOTHER_BUCKET: created.bucket,
});

const createAll = (
  settings: Settings,
  addresses: Required<ServiceAddresses>,
  explain: ExplainFault,
): Promise<CreatedResources> => {
  const region = settings.aws_region;
  const clients = {
    sqs: createSqsClient(region, addresses.sqs),
    dynamodb: new DynamoDBClient({ region, ...addresses.dynamodb }),
    s3: createS3Client(region, addresses.s3),
  };
  return createResources(clients, describeResources(settings), region, explain).finally(() => {
    for (const client of Object.values(clients)) client.destroy();
  });
};

/** This process holds the lock of the data, so whoever owned a pool before is certainly dead. */
const endEarlierOwners = async (
  settings: Settings,
  created: CreatedResources,
  addresses: Required<ServiceAddresses>,
) => {
  const client = createDynamoClient(settings.aws_region, addresses.dynamodb);
  const pools = createDynamoPoolStore({ client, table: created.requestsTable });
  await Promise.all(Object.keys(settings.models).map((pool) => pools.endAll(pool)));
  client.destroy();
};

const start = async (options: LocalOptions, opened: Opened): Promise<Local> => {
  const { settings, env } = options;
  const region = settings.aws_region;
  const folder = await openDataFolder(options.dataDir, { reset: options.reset });
  opened.add(folder.unlock);
  const given = givenEndpoints(env);
  const cloud = await startServices(options, folder.path, given);
  opened.add(cloud.stop);
  cloud.onLost(options.onLost);
  const endpoints = endpointsOf(cloud, given);
  const addresses = addressesOf(endpoints, given, env);
  const created = await createAll(settings, addresses, (name, error) =>
    toGivenFault(name, given, env, error),
  );
  await endEarlierOwners(settings, created, addresses);

  const logNames = Object.keys(FUNCTIONS) as FunctionName[];
  const logs = new Map(logNames.map((name) => [name, openLogFile(folder.logs, name)]));
  opened.add(async () => {
    await Promise.all([...logs.values()].map((log) => log.close()));
  });
  const writeLine = (name: FunctionName, line: string): void => logs.get(name)?.writeLine(line);
  const logError = (name: FunctionName, error: unknown): void =>
    writeLine(
      name,
      JSON.stringify({ level: 'error', service: name, event: 'function_failed', error: String(error) }),
    );

  const sqs = createSqsClient(region, addresses.sqs);
  opened.add(() => sqs.destroy());
  const variables = variablesOf(settings, created);
  const host = (name: FunctionName): Host => ({
    env: { ...env, ...variables, AWS_REGION: region },
    addresses,
    writeLine: (line) => writeLine(name, line),
  });
  const functions = createLocalFunctions({
    host,
    sqs,
    queues: created.queues,
    region,
    poolCount: Object.keys(settings.models).length,
    onError: logError,
  });
  const urls = Object.fromEntries(Object.entries(created.queues).map(([name, { url }]) => [name, url]));
  const page = createOpsPage({ settings, sqs, queues: urls });
  const gateway = await openDoor(options.ports.api, region, functions, page, (error) =>
    logError('query', error),
  );
  opened.add(gateway.close);
  functions.startMappings();
  opened.add(functions.stop);
  const schedule = startSchedule({
    everySeconds: TICK_SECONDS,
    callback: async () => {
      for (const pool of Object.keys(settings.models))
        await sqs.send(
          new SendMessageCommand({ QueueUrl: urls[QUEUES.wake], MessageBody: JSON.stringify({ pool }) }),
        );
    },
    onError: (error) => logError('prioritization', error),
  });
  opened.add(schedule.stop);
  return {
    ready: {
      api: gateway.url,
      ops: `${gateway.url}/ops`,
      region,
      endpoints,
      queues: urls,
      tables: { requests: created.requestsTable, reporting: created.reportingTable },
      bucket: created.bucket,
      pid: process.pid,
    },
    embedded: {
      cloud: cloud.endpoints.cloud !== undefined,
      simulator: cloud.endpoints.bedrock !== undefined,
    },
    logs: folder.logs,
    stop: opened.undoAll,
  };
};

/** The whole pipeline on this machine: embedded services, the real handlers, real event source mappings. */
export const startLocal = async (options: LocalOptions): Promise<Local> => {
  const opened = createOpened();
  try {
    return await start(options, opened);
  } catch (error) {
    await opened.undoAll();
    throw error;
  }
};
