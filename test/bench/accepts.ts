import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { createDynamoClient, createSqsClient } from '../../functions/runtime/compose-clients.ts';
import { processEnvironment, silenceSdkNodeWarning } from '../../functions/runtime/environment.ts';
import { deploy } from '../../local/deployment.ts';
import { openDoor } from '../../local/open-door.ts';
import { addressesOf } from '../../local/service-addresses.ts';
import { createLocalFunctions } from '../../local/start-functions.ts';
import { startServices, toServicesOptions } from '../../local/start-services.ts';
import { createDynamoPoolStore } from '../../shared/adapters/dynamo-pool-store.ts';
import { parseSettings } from '../../shared/contract/settings.ts';
import type { ClientOrder } from './accept-client.ts';

/**
 * `npm run bench:accepts`: the CPU that an accept and a read cost the process that serves them, which is the gateway, the
 * function and its clients. The cloud and the caller are others, and so is the drain: somebody else holds the lease.
 */
const CONTEXT = {
  models: { bench: { model_id: 'bench', quota: { tokens_per_minute: 100_000_000_000 } } },
};
const AN_HOUR_MS = 3_600_000;

interface Measured {
  readonly at_once: number;
  readonly cpu_ms_per_accept: number;
  readonly cpu_ms_per_read: number;
}

const settingsOf = () => {
  const parsed = parseSettings(CONTEXT);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.settings;
};

const fail = (error: unknown): never => {
  throw error;
};

const openServer = async (dataDir: string) => {
  const settings = settingsOf();
  const env = { PATH: processEnvironment().PATH };
  const ports = { cloud: 0, simulator: 0 };
  const wanted = { settings, env, dataDir, ports, simulator: {} };
  const services = await startServices(toServicesOptions(wanted, {}), (reason) =>
    fail(new Error(`the embedded cloud ended: ${reason}`)),
  );
  const addresses = addressesOf(services.endpoints, {}, env);
  const { created, functionEnv } = await deploy({ settings, env, services, addresses }, (_, error) =>
    fail(error),
  );
  const dynamo = createDynamoClient(settings.aws_region, addresses.dynamodb);
  const pools = createDynamoPoolStore({ client: dynamo, table: created.requestsTable });
  await pools.acquire('bench', Date.now(), AN_HOUR_MS);
  dynamo.destroy();
  const functions = createLocalFunctions({
    host: () => ({ env: functionEnv, addresses, writeLine: () => {} }),
    sqs: createSqsClient(settings.aws_region, addresses.sqs),
    queues: created.queues,
    region: settings.aws_region,
    poolCount: 1,
    onError: (_, error) => fail(error),
  });
  const gateway = await openDoor(0, settings, functions, async () => undefined, fail);
  return {
    api: gateway.url,
    close: async (): Promise<void> => {
      await gateway.close();
      await services.stop();
    },
  };
};

const ask = (client: ChildProcess, order: ClientOrder): Promise<readonly string[]> =>
  new Promise((resolve, reject) => {
    client.once('message', ({ ids, failed }: { readonly ids?: string[]; readonly failed?: string }) =>
      ids === undefined ? reject(new Error(failed)) : resolve(ids),
    );
    client.send(order);
  });

const cpuMsOf = async <T>(act: () => Promise<T>): Promise<{ readonly cpuMs: number; readonly result: T }> => {
  const before = process.cpuUsage();
  const result = await act();
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1000, result };
};

const rounded = (value: number): number => Math.round(value * 100) / 100;

const measure = async (client: ChildProcess, order: ClientOrder): Promise<Measured> => {
  const accepts = await cpuMsOf(() => ask(client, order));
  const reads = await cpuMsOf(() => ask(client, { ...order, ids: accepts.result }));
  return {
    at_once: order.atOnce,
    cpu_ms_per_accept: rounded(accepts.cpuMs / order.count),
    cpu_ms_per_read: rounded(reads.cpuMs / order.count),
  };
};

const AT_ONCE = [1, 4, 32] as const;

const bench = async ({
  count,
  rounds,
}: {
  readonly count: number;
  readonly rounds: number;
}): Promise<void> => {
  silenceSdkNodeWarning();
  const dataDir = await mkdtemp(join(tmpdir(), 'smoother-bench-'));
  const server = await openServer(dataDir);
  const client = fork(join(__dirname, 'accept-client.ts'));
  try {
    // Until everything is compiled as it stays.
    await measure(client, { api: server.api, count, atOnce: 8 });
    for (let index = 0; index < rounds; index++)
      for (const atOnce of AT_ONCE)
        process.stdout.write(
          `${JSON.stringify(await measure(client, { api: server.api, count, atOnce }))}\n`,
        );
  } finally {
    client.kill();
    await server.close();
    await rm(dataDir, { recursive: true, force: true });
  }
  process.exit();
};

const parseCount = (text: string): number => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return count;
};

void new Command('bench:accepts')
  .description('CPU of the serving process for each accept and each read, by how many come at once')
  .option('--count <count>', 'accepts and reads of each kind', parseCount, 3000)
  .option('--rounds <count>', 'of all of them', parseCount, 2)
  .action(bench)
  .parseAsync();
