import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processEnvironment } from '../../functions/runtime/environment.ts';
import { type Local, startLocal } from '../../local/start-local.ts';
import { parseSettings } from '../../shared/contract/settings.ts';
import type { ClientOrder, ClientReport, Door } from './pipeline-client.ts';
import { type Profile, startProfile } from './profile/start-profile.ts';

export interface PipelineMeasured {
  readonly door: Door;
  readonly requests: number;
  readonly accepted_after_ms: number;
  readonly answered_after_ms: number;
  readonly requests_per_second: number;
  /** Of the process that runs the functions, the gateway and their clients. */
  readonly cpu_ms_per_request: number;
  /** Of the process that is the embedded cloud and the simulator; not on every system. */
  readonly cloud_cpu_ms_per_request?: number;
  readonly model_calls: number;
  readonly throttled: number;
  readonly profile?: Profile;
}

export interface PipelineOptions {
  readonly requests: number;
  /** A run more of each door, watched; the figures are of the one that was not. */
  readonly profiled: boolean;
}

interface Truth {
  readonly calls: number;
  readonly refused: number;
}

/** A quota that does not bind and a model that answers at once: what is measured is the pipeline itself. */
const CONTEXT = {
  models: { bench: { model_id: 'bench', quota: { tokens_per_minute: 100_000_000_000 } } },
  max_concurrent_executions: 400,
  queue_depth_threshold: 1000,
};

const truthOf = async ({ ready }: Local): Promise<Truth> =>
  (await (await fetch(`${ready.endpoints.bedrockRuntime}/_sim/truth`)).json()) as Truth;

/** Linux counts in hundredths of a second. */
const cpuMsOf = async (pid: string): Promise<number> => {
  const [, after = ''] = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ');
  const fields = after.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
};

/** So far, of all that this process has started but its client; undefined where there is no `/proc`. */
const cloudCpuMs = async (client: ChildProcess): Promise<number | undefined> => {
  try {
    const children = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8');
    const pids = children.split(' ').filter((pid) => pid !== '' && pid !== String(client.pid));
    return (await Promise.all(pids.map(cpuMsOf))).reduce((sum, ms) => sum + ms, 0);
  } catch {
    return undefined;
  }
};

const ask = (client: ChildProcess, order: ClientOrder): Promise<ClientReport> =>
  new Promise((resolve, reject) => {
    client.once(
      'message',
      ({ report, failed }: { readonly report?: ClientReport; readonly failed?: string }) =>
        report === undefined ? reject(new Error(failed)) : resolve(report),
    );
    client.send(order);
  });

/** The bench is worth nothing when an answer is missing, doubled or somebody else's. */
const check = ({ door, count }: ClientOrder, answers: ClientReport['answers'], calls: number): void => {
  const found = new Map(answers);
  if (found.size !== answers.length) throw new Error(`${answers.length - found.size} were answered twice`);
  for (let index = 0; index < count; index++)
    if (found.get(`${door}-${index}`)?.includes(`bench ${door}-${index} `) !== true)
      throw new Error(`${door}-${index} has no answer of its own`);
  if (calls !== count) throw new Error(`${count} requests took ${calls} model calls`);
};

const measure = async (local: Local, client: ChildProcess, order: ClientOrder): Promise<PipelineMeasured> => {
  const { door, count } = order;
  const before = await truthOf(local);
  const cloudBefore = await cloudCpuMs(client);
  const cpu = process.cpuUsage();
  const { acceptedAfterMs, answeredAfterMs, answers } = await ask(client, order);
  const { user, system } = process.cpuUsage(cpu);
  const cloudAfter = await cloudCpuMs(client);
  const after = await truthOf(local);
  check(order, answers, after.calls - before.calls);
  const perRequest = (ms: number): number => Math.round((ms / count) * 100) / 100;
  return {
    door,
    requests: count,
    accepted_after_ms: Math.round(acceptedAfterMs),
    answered_after_ms: Math.round(answeredAfterMs),
    requests_per_second: Math.round((count / answeredAfterMs) * 1000),
    cpu_ms_per_request: perRequest((user + system) / 1000),
    ...(cloudBefore === undefined || cloudAfter === undefined
      ? {}
      : { cloud_cpu_ms_per_request: perRequest(cloudAfter - cloudBefore) }),
    model_calls: after.calls - before.calls,
    throttled: after.refused - before.refused,
  };
};

const startBench = async (dataDir: string): Promise<Local> => {
  const parsed = parseSettings(CONTEXT);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return startLocal({
    settings: parsed.settings,
    // Nothing given by the user's environment: the bench measures the embedded services.
    env: { PATH: processEnvironment().PATH },
    dataDir,
    reset: true,
    ports: { api: 0, cloud: 0, simulator: 0 },
    simulator: { latency_scale: 0 },
    onLost: (reason) => {
      throw new Error(`the embedded cloud ended: ${reason}`);
    },
  });
};

const DOORS: readonly Door[] = ['queue', 'http'];
/** Until everything is compiled as it stays. */
const WARM_UP_REQUESTS = 500;

/** Requests a second through the whole embedded pipeline, every answer checked. */
export const measurePipeline = async (options: PipelineOptions): Promise<readonly PipelineMeasured[]> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'smoother-bench-'));
  const local = await startBench(dataDir);
  const client = fork(join(__dirname, 'pipeline-client.ts'));
  const { ready } = local;
  try {
    const measured: PipelineMeasured[] = [];
    for (const door of DOORS)
      await measure(local, client, { ready, door, count: Math.min(WARM_UP_REQUESTS, options.requests) });
    for (const door of DOORS) {
      const order = { ready, door, count: options.requests };
      const plain = await measure(local, client, order);
      const stop = options.profiled ? await startProfile() : undefined;
      if (stop === undefined) measured.push(plain);
      else {
        await measure(local, client, order);
        measured.push({ ...plain, profile: await stop() });
      }
    }
    return measured;
  } finally {
    client.kill();
    await local.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
};
