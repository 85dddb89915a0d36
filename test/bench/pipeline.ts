import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processEnvironment } from '../../functions/runtime/environment.ts';
import { type Local, startLocal } from '../../local/start-local.ts';
import { parseSettings } from '../../shared/contract/settings.ts';
import {
  collectResults,
  createSqs,
  forEachConcurrently,
  sendTen,
  submit,
  tensOf,
} from '../end-to-end/clients.ts';

type Door = 'http' | 'queue';

export interface PipelineMeasured {
  readonly door: Door;
  readonly requests: number;
  readonly accepted_after_ms: number;
  readonly answered_after_ms: number;
  readonly requests_per_second: number;
  /** Of the process that runs the functions, its clients included. */
  readonly cpu_ms_per_request: number;
  readonly model_calls: number;
  readonly throttled: number;
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

const indexes = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const envelope = (door: Door, index: number) => ({
  custom_id: `${door}-${index}`,
  prompt: `bench ${door}-${index} `,
  max_tokens: 50,
});

const truthOf = async ({ ready }: Local): Promise<Truth> =>
  (await (await fetch(`${ready.endpoints.bedrockRuntime}/_sim/truth`)).json()) as Truth;

const progress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
};

const send = async (local: Local, door: Door, count: number): Promise<void> => {
  const { ready } = local;
  if (door === 'http')
    return forEachConcurrently(indexes(count), 32, async (index) => {
      const { status } = await submit(ready.api, envelope(door, index));
      if (status !== 202) throw new Error(`request ${index} was answered with ${status}`);
    });
  const sqs = createSqs(ready);
  await forEachConcurrently(tensOf(indexes(count)), 8, async (ten) => {
    const taken = await sendTen(
      sqs,
      ready.queues.input ?? '',
      ten.map((index) => envelope(door, index)),
    );
    if (taken.length !== ten.length) throw new Error('SQS did not take a whole batch');
  });
  sqs.destroy();
};

/** The bench is worth nothing when an answer is missing, doubled or somebody else's. */
const check = (door: Door, count: number, answers: ReadonlyMap<string, string>, calls: number): void => {
  for (const index of indexes(count)) {
    const content = answers.get(`${door}-${index}`);
    if (content?.includes(`bench ${door}-${index} `) !== true)
      throw new Error(`${door}-${index} has no answer of its own`);
  }
  if (calls !== count) throw new Error(`${count} requests took ${calls} model calls`);
};

const measure = async (local: Local, door: Door, count: number): Promise<PipelineMeasured> => {
  const before = await truthOf(local);
  const cpu = process.cpuUsage();
  const startedAtMs = performance.now();
  let acceptedAfterMs = 0;
  const sending = send(local, door, count).then(() => {
    acceptedAfterMs = performance.now() - startedAtMs;
  });
  const sqs = createSqs(local.ready);
  const answers = new Map<string, string>();
  await collectResults(sqs, local.ready.queues.results ?? '', (all) => {
    for (const { custom_id, content } of all.slice(answers.size)) {
      if (answers.has(custom_id ?? '')) throw new Error(`${custom_id} was answered twice`);
      answers.set(custom_id ?? '', content ?? '');
    }
    progress(`${door}: ${all.length} of ${count} answered`);
    return all.length >= count;
  });
  const answeredAfterMs = performance.now() - startedAtMs;
  const { user, system } = process.cpuUsage(cpu);
  await sending;
  sqs.destroy();
  progress('');
  const after = await truthOf(local);
  check(door, count, answers, after.calls - before.calls);
  return {
    door,
    requests: count,
    accepted_after_ms: Math.round(acceptedAfterMs),
    answered_after_ms: Math.round(answeredAfterMs),
    requests_per_second: Math.round((count / answeredAfterMs) * 1000),
    cpu_ms_per_request: Math.round((user + system) / 10 / count) / 100,
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

/** Requests a second through the whole embedded pipeline, every answer checked. */
export const measurePipeline = async (requests: number): Promise<readonly PipelineMeasured[]> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'smoother-bench-'));
  const local = await startBench(dataDir);
  try {
    return [await measure(local, 'queue', requests), await measure(local, 'http', requests)];
  } finally {
    await local.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
};
