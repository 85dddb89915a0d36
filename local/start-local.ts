import { createSqsClient } from '../functions/runtime/compose-clients.ts';
import type { Environment } from '../functions/runtime/environment.ts';
import { DOORS } from '../shared/contract/door-routes.ts';
import type { Settings } from '../shared/contract/settings.ts';
import type { ForwardTarget } from './bedrock/service.ts';
import { createOpsPage } from './console/ops-page.ts';
import { openDataFolder } from './data-folder.ts';
import { type Deployment, deploy, endEarlierOwners } from './deployment.ts';
import { endEarlierDrains } from './drain-lock.ts';
import { openFunctionLogs } from './function-logs.ts';
import { openDoor } from './open-door.ts';
import { createOpened, type Opened } from './opened.ts';
import { createProcessList, type ProcessList } from './process-list.ts';
import type { ReadyLine } from './ready-line.ts';
import { runFunctions, type SplitOptions } from './run-functions.ts';
import { addressesOf, givenEndpoints, toGivenFault } from './service-addresses.ts';
import type { SimulatorSettings } from './simulator-options.ts';
import { type Services, startServices, startSplitServices, toServicesOptions } from './start-services.ts';
import { startTicks } from './start-ticks.ts';

export interface LocalOptions {
  readonly settings: Settings;
  readonly env: Environment;
  readonly dataDir: string;
  readonly reset: boolean;
  readonly ports: { readonly api: number; readonly cloud: number; readonly simulator: number };
  readonly simulator: SimulatorSettings;
  /** An OpenAI-compatible server that gives the answers, behind the simulated quotas. */
  readonly forward?: ForwardTarget;
  /** Sees every line that the functions log, metrics too; not when they are split. */
  readonly onLine?: (line: string) => void;
  /** Each function, the cloud and the simulator in a process of its own, started again whenever it ends. */
  readonly split?: SplitOptions;
  /** The embedded cloud ended by itself: nothing works any more. Split, it is started again instead. */
  readonly onLost: (reason: string) => void;
}

export interface Local {
  readonly ready: ReadyLine;
  readonly embedded: Services['embedded'];
  readonly logs: string;
  /** Whether callers of the API are asked for keys. */
  readonly keysRequired: boolean;
  /** Ends the drains first, then the doors, then the cloud. */
  stop(): Promise<void>;
}

const startAllServices = async (
  options: LocalOptions,
  dataDir: string,
  processes: ProcessList,
): Promise<Services> => {
  const { env, split, onLost } = options;
  const wanted = toServicesOptions({ ...options, dataDir }, givenEndpoints(env));
  return split === undefined
    ? startServices(wanted, onLost)
    : startSplitServices(wanted, { onStarted: processes.add, say: split.say });
};

const toReadyLine = (
  { settings, created, services, processes }: Deployment & { readonly processes: ProcessList },
  api: string,
  split: boolean,
): ReadyLine => ({
  api,
  ops: `${api}/ops`,
  sdk: {
    anthropic: `${api}${DOORS.anthropic.prefix}`,
    openai: `${api}${DOORS.openai.prefix}`,
    aws: `${api}${DOORS.bedrock.prefix}`,
  },
  region: settings.aws_region,
  endpoints: services.endpoints,
  queues: Object.fromEntries(Object.entries(created.queues).map(([name, { url }]) => [name, url])),
  tables: { requests: created.requestsTable, reporting: created.reportingTable },
  bucket: created.bucket,
  pid: process.pid,
  ...(split ? { processes: processes.all() } : {}),
});

const start = async (options: LocalOptions, opened: Opened): Promise<Local> => {
  const { settings, env, split } = options;
  const folder = await openDataFolder(options.dataDir, { reset: options.reset });
  opened.add(folder.unlock);
  const processes = createProcessList(folder.path);
  const services = await startAllServices(options, folder.path, processes);
  opened.add(services.stop);
  const given = givenEndpoints(env);
  const addresses = addressesOf(services.endpoints, given, env);
  const deployment = await deploy({ settings, env, services, addresses }, (name, error) =>
    toGivenFault(name, given, env, error),
  );
  await endEarlierDrains(folder.path);
  await endEarlierOwners(deployment);

  const logs = openFunctionLogs(folder.logs, options.onLine);
  opened.add(logs.close);
  const sqs = createSqsClient(settings.aws_region, addresses.sqs);
  opened.add(() => sqs.destroy());
  const functions = await runFunctions({ deployment, sqs, logs, dataDir: folder.path, split, processes });
  opened.add(functions.close);
  const queues = Object.fromEntries(
    Object.entries(deployment.created.queues).map(([name, { url }]) => [name, url]),
  );
  const page = createOpsPage({ settings, sqs, queues });
  const gateway = await openDoor(options.ports.api, settings, functions, page, (error) =>
    logs.logError('query', error),
  );
  opened.add(gateway.close);
  functions.startMappings();
  opened.add(functions.stopMappings);
  const schedule = startTicks({
    pools: Object.keys(settings.models),
    sqs,
    queues,
    onError: (error) => logs.logError('prioritization', error),
  });
  opened.add(schedule.stop);
  return {
    ready: toReadyLine({ ...deployment, processes }, gateway.url, split !== undefined),
    embedded: services.embedded,
    logs: folder.logs,
    keysRequired: settings.api_authorization === 'api_key',
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
