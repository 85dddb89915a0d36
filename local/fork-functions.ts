import type { Environment } from '../functions/runtime/environment.ts';
import type { Door } from '../functions/runtime/http-handler.ts';
import type { FunctionName } from '../shared/contract/functions.ts';
import { type FunctionProcess, forkFunction } from './fork-function.ts';
import type { FunctionSetup } from './function-messages.ts';
import { type HttpEventHandler, toldBy } from './local-function.ts';
import { type LocalFunctions, toHttpFunction } from './start-functions.ts';
import { type Supervised, supervise } from './supervise.ts';

export interface ForkFunctionsOptions {
  readonly setup: Omit<FunctionSetup, 'name' | 'drain'>;
  readonly env: Environment;
  /** They hold no work, only calls: they stay with the HTTP server. */
  readonly doors: Door;
  readonly dataDir: string;
  /** Processes of the prioritization function, each with drains of its own. */
  readonly drains: number;
  /** Writes down that no drain is alive. */
  readonly endEarlierOwners: () => Promise<void>;
  readonly onStarted: (role: string, pid: number) => void;
  readonly say: (sentence: string) => void;
}

type Fork = () => Promise<FunctionProcess>;

/**
 * Whether an owner's epoch has ended is known for certain only while no process drains: this parent has seen each
 * of them end, or has started none. Then their requests need not wait for the end of their attempts. One at a time,
 * or the owner that one has just started would be taken for an earlier one by the next.
 */
const createDrainStarter = (endEarlierOwners: () => Promise<void>) => {
  const alive = new Set<FunctionProcess>();
  let turn: Promise<unknown> = Promise.resolve();
  const start = async (fork: Fork): Promise<FunctionProcess> => {
    if (alive.size === 0) await endEarlierOwners();
    const child = await fork();
    alive.add(child);
    void child.ended.then(() => alive.delete(child));
    return child;
  };
  return (fork: Fork): Promise<FunctionProcess> => {
    const started = turn.then(() => start(fork));
    turn = started.catch(() => {});
    return started;
  };
};

const invokeRunning =
  (supervised: Supervised<FunctionProcess>): HttpEventHandler =>
  async (event) =>
    (await supervised.running()).invoke(event);

/** Each function in a process of its own, started again whenever one ends by itself. */
export const forkFunctions = async (options: ForkFunctionsOptions): Promise<LocalFunctions> => {
  const { setup, env, dataDir, drains, say, onStarted } = options;
  const { subscribers, callbacks } = toldBy(setup.queues);
  const startDrain = createDrainStarter(options.endEarlierOwners);
  const all: Supervised<FunctionProcess>[] = [];
  let mapped = false;

  const add = async (role: string, start: Fork): Promise<Supervised<FunctionProcess>> => {
    const supervised = await supervise({
      role,
      start,
      say,
      onStarted: (child) => {
        onStarted(role, child.pid);
        if (mapped) child.startMappings();
      },
    });
    all.push(supervised);
    return supervised;
  };
  const stopAll = async (): Promise<void> => {
    await Promise.all(all.map((each) => each.stop()));
  };
  const fork = (name: FunctionName): Fork => {
    return () => forkFunction({ ...setup, name }, env);
  };
  const forkDrain = (role: string): Fork => {
    const drain = { dataDir, name: role };
    return () => startDrain(() => forkFunction({ ...setup, name: 'prioritization', drain }, env));
  };

  try {
    const [ingestion, query] = await Promise.all([
      add('ingestion', fork('ingestion')),
      add('query', fork('query')),
      add('splitter', fork('splitter')),
      add('reconciler', fork('reconciler')),
      ...(subscribers || callbacks ? [add('notification', fork('notification'))] : []),
      ...Array.from({ length: drains }, (_, index) => {
        const role = index === 0 ? 'prioritization' : `prioritization-${index + 1}`;
        return add(role, forkDrain(role));
      }),
    ]);
    return {
      http: {
        ingestion: toHttpFunction('ingestion', invokeRunning(ingestion)),
        query: toHttpFunction('query', invokeRunning(query)),
      },
      doors: options.doors,
      startMappings: () => {
        mapped = true;
        for (const each of all) void each.running().then((child) => child.startMappings());
      },
      stopMappings: async () => {
        await Promise.all(all.map(async (each) => (await each.retire())?.stopMappings()));
      },
      close: stopAll,
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
};
