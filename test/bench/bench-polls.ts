import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processEnvironment, silenceSdkNodeWarning } from '../../functions/runtime/environment.ts';
import { type Local, startLocal } from '../../local/start-local.ts';
import { parseSettings } from '../../shared/contract/settings.ts';

/** `npm run bench:polls`: what an accept costs, and what 10,000 waiting polls a minute do to accepts. */
const ACCEPTS = 200;
const ROUNDS = 3;
const POLLS = 10_000;

/** A model that takes its time, so that what is polled for does not end. */
const CONTEXT = {
  models: { bench: { model_id: 'bench', quota: { tokens_per_minute: 100_000_000_000 } } },
  max_concurrent_executions: 1,
  longest_poll_seconds: 25,
};

interface Accepted {
  readonly ids: readonly string[];
  readonly tookMs: number;
}

interface Round {
  readonly ms_per_accept: number;
  /** Of the process that runs the functions; the clients are others. */
  readonly cpu_ms_per_accept: number;
}

const ask = <T>(child: ChildProcess, order: Readonly<Record<string, unknown>>): Promise<T> =>
  new Promise((resolve, reject) => {
    child.once('message', ({ kind, result }: { readonly kind: string; readonly result: T }) =>
      kind === 'failed' ? reject(new Error(String(result))) : resolve(result),
    );
    child.send(order);
  });

const round = (value: number): number => Math.round(value * 100) / 100;
const middleOf = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;

const measure = async (child: ChildProcess, api: string): Promise<Round & Accepted> => {
  const cpu = process.cpuUsage();
  const accepted = await ask<Accepted>(child, { kind: 'accept', api, count: ACCEPTS });
  const { user, system } = process.cpuUsage(cpu);
  return {
    ...accepted,
    ms_per_accept: round(accepted.tookMs),
    cpu_ms_per_accept: round((user + system) / 1000 / ACCEPTS),
  };
};

const measureRounds = async (child: ChildProcess, api: string) => {
  const rounds: (Round & Accepted)[] = [];
  for (let index = 0; index < ROUNDS; index++) rounds.push(await measure(child, api));
  return {
    ids: rounds.flatMap(({ ids }) => ids),
    ms_per_accept: middleOf(rounds.map(({ ms_per_accept }) => ms_per_accept)),
    cpu_ms_per_accept: middleOf(rounds.map(({ cpu_ms_per_accept }) => cpu_ms_per_accept)),
  };
};

const start = async (dataDir: string): Promise<Local> => {
  const parsed = parseSettings(CONTEXT);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return startLocal({
    settings: parsed.settings,
    env: { PATH: processEnvironment().PATH },
    dataDir,
    reset: true,
    ports: { api: 0, cloud: 0, simulator: 0 },
    simulator: { latency_scale: 100 },
    onLost: (reason) => {
      throw new Error(`the embedded cloud ended: ${reason}`);
    },
  });
};

const bench = async (): Promise<void> => {
  silenceSdkNodeWarning();
  const dataDir = await mkdtemp(join(tmpdir(), 'smoother-bench-'));
  const local = await start(dataDir);
  const [acceptor, poller] = [0, 1].map(() => fork(join(__dirname, 'poll-client.ts')));
  try {
    if (acceptor === undefined || poller === undefined) throw new Error('no clients');
    const { api } = local.ready;
    const { ids } = await measure(acceptor, api);
    const alone = await measureRounds(acceptor, api);
    const polling = ask<Readonly<Record<string, number>>>(poller, { kind: 'poll', api, ids, count: POLLS });
    // By now as many wait as will at once: what begins in 20 seconds.
    await new Promise((done) => setTimeout(done, 22_000));
    const beside = await measureRounds(acceptor, api);
    const polls = await polling;
    const result = {
      cpu_ms_per_accept_alone: alone.cpu_ms_per_accept,
      ms_per_accept_alone: alone.ms_per_accept,
      ms_per_accept_beside_polls: beside.ms_per_accept,
      slower_by_percent: round((beside.ms_per_accept / alone.ms_per_accept - 1) * 100),
      polls,
    };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } finally {
    for (const child of [acceptor, poller]) child?.kill();
    await local.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
};

void bench();
