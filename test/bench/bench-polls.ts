import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { processEnvironment, silenceSdkNodeWarning } from '../../functions/runtime/environment.ts';
import { type Local, startLocal } from '../../local/start-local.ts';
import { parseSettings } from '../../shared/contract/settings.ts';
import type { Accepted } from './poll-client.ts';

/** `npm run bench:polls`: what an accept costs, and what 10,000 polls a minute do to accepts. */
const POLLS_PER_MINUTE = 10_000;

interface Options {
  readonly accepts: number;
  readonly rounds: number;
  readonly wait: number;
  readonly processes: 'few' | 'split';
}

/** A model that takes its time, so that what is polled for does not end. */
const CONTEXT = {
  models: { bench: { model_id: 'bench', quota: { tokens_per_minute: 100_000_000_000 } } },
  max_concurrent_executions: 1,
  longest_poll_seconds: 25,
};

interface Block {
  readonly ids: readonly string[];
  readonly medianMs: number;
  readonly meanMs: number;
  /** By role, for each accept, of the processes that serve them. */
  readonly cpuMs: Readonly<Record<string, number>>;
}

const ask = <T>(child: ChildProcess, order: Readonly<Record<string, unknown>>): Promise<T> =>
  new Promise((resolve, reject) => {
    child.once('message', ({ kind, result }: { readonly kind: string; readonly result: T }) =>
      kind === 'failed' ? reject(new Error(String(result))) : resolve(result),
    );
    child.send(order);
  });

const round = (value: number): number => Math.round(value * 100) / 100;
const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const middleOf = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;

/** Of another process, so far; Linux counts in hundredths of a second. */
const cpuMsOf = (pid: number): number => {
  const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const fields = after.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
};

/** `few`: everything but the services is in this process. `split`: this is the gateway, each function has its own. */
const readCpu = ({ ready }: Local): Readonly<Record<string, number>> => {
  const { user, system } = process.cpuUsage();
  const { ingestion, query } = ready.processes ?? {};
  return {
    parent: (user + system) / 1000,
    ...(ingestion === undefined ? {} : { ingestion: cpuMsOf(ingestion) }),
    ...(query === undefined ? {} : { query: cpuMsOf(query) }),
  };
};

const measure = async (acceptor: ChildProcess, local: Local, accepts: number): Promise<Block> => {
  const before = readCpu(local);
  const { ids, tookMs } = await ask<Accepted>(acceptor, {
    kind: 'accept',
    api: local.ready.api,
    count: accepts,
  });
  const cpuMs = Object.entries(readCpu(local)).map(
    ([role, ms]) => [role, (ms - (before[role] ?? 0)) / accepts] as const,
  );
  return {
    ids,
    medianMs: middleOf(tookMs),
    meanMs: meanOf(tookMs),
    cpuMs: Object.fromEntries(cpuMs),
  };
};

const start = async (dataDir: string, { processes }: Options): Promise<Local> => {
  const parsed = parseSettings(CONTEXT);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return startLocal({
    settings: parsed.settings,
    env: { PATH: processEnvironment().PATH },
    dataDir,
    reset: true,
    ports: { api: 0, cloud: 0, simulator: 0 },
    simulator: { latency_scale: 100 },
    ...(processes === 'split'
      ? { split: { drains: 1, say: (text) => process.stderr.write(`${text}\n`) } }
      : {}),
    onLost: (reason) => {
      throw new Error(`the embedded cloud ended: ${reason}`);
    },
  });
};

const summarize = (blocks: readonly Block[]) => ({
  median_ms: round(meanOf(blocks.map(({ medianMs }) => medianMs))),
  mean_ms: round(meanOf(blocks.map(({ meanMs }) => meanMs))),
  cpu_ms_per_accept: Object.fromEntries(
    Object.keys(blocks[0]?.cpuMs ?? {}).map((role) => [
      role,
      round(meanOf(blocks.map(({ cpuMs }) => cpuMs[role] ?? 0))),
    ]),
  ),
});

const SETTLE_SECONDS = 2;

/** Blocks alone and beside polls, in turn: what else the machine does falls on both alike. */
const compare = async (local: Local, options: Options, clients: readonly [ChildProcess, ChildProcess]) => {
  const [acceptor, poller] = clients;
  const { api } = local.ready;
  const { ids } = await measure(acceptor, local, options.accepts);
  const alone: Block[] = [];
  const beside: Block[] = [];
  const polls: Record<string, number> = {};
  for (let index = 0; index < options.rounds; index++) {
    alone.push(await measure(acceptor, local, options.accepts));
    const order = { kind: 'poll', api, ids, perMinute: POLLS_PER_MINUTE, waitSeconds: options.wait };
    await ask(poller, order);
    // By then as many wait as will at once.
    await sleep((options.wait + SETTLE_SECONDS) * 1000);
    beside.push(await measure(acceptor, local, options.accepts));
    const outcomes = await ask<Readonly<Record<string, number>>>(poller, { kind: 'stop' });
    for (const [outcome, count] of Object.entries(outcomes)) polls[outcome] = (polls[outcome] ?? 0) + count;
    await sleep(SETTLE_SECONDS * 1000);
  }
  const slower = alone.map(({ medianMs }, index) => (beside[index]?.medianMs ?? 0) / medianMs - 1);
  return {
    processes: options.processes,
    wait_seconds: options.wait,
    alone: summarize(alone),
    beside_polls: summarize(beside),
    slower_by_percent: round(middleOf(slower) * 100),
    slower_by_percent_each: slower.map((part) => round(part * 100)),
    polls,
  };
};

const bench = async (options: Options): Promise<void> => {
  silenceSdkNodeWarning();
  const dataDir = await mkdtemp(join(tmpdir(), 'smoother-bench-'));
  const local = await start(dataDir, options);
  const client = join(__dirname, 'poll-client.ts');
  const clients = [fork(client), fork(client)] as const;
  try {
    process.stdout.write(`${JSON.stringify(await compare(local, options, clients))}\n`);
  } finally {
    for (const child of clients) child.kill();
    await local.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
};

const parseCount = (text: string): number => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 0) throw new InvalidArgumentError('It must be a whole number.');
  return count;
};

void new Command('bench:polls')
  .description('what an accept costs, alone and beside 10,000 polls a minute, in alternating blocks')
  .option('--accepts <count>', 'in each block, 25 a second', parseCount, 300)
  .option('--rounds <count>', 'pairs of blocks', parseCount, 5)
  .option('--wait <seconds>', 'how long each poll waits; 0: it is answered at once', parseCount, 20)
  .addOption(new Option('--processes <which>', 'as of npm start').choices(['few', 'split']).default('few'))
  .action(bench)
  .parseAsync();
