import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Command, InvalidArgumentError } from 'commander';
import { silenceSdkNodeWarning } from '../../functions/runtime/environment.ts';
import type { ReadyLine } from '../../local/ready-line.ts';
import { QUEUES } from '../../shared/contract/names.ts';
import { readDepths } from '../chaos/gather-evidence.ts';
import {
  createSqs,
  forEachConcurrently,
  sendTen,
  submit,
  takeResults,
  tensOf,
} from '../end-to-end/clients.ts';
import { startSmoother } from '../end-to-end/smoother-process.ts';

interface Measured {
  readonly requests: number;
  readonly accepted_in_seconds: number;
  readonly finished_in_seconds: number;
  /** The soonest that the simulated quota allows: what was charged beyond a full bucket, at the quota's rate. */
  readonly quota_allows_in_seconds: number;
  readonly finished: number;
  readonly model_calls: number;
  readonly throttled: number;
  readonly peak_rss_mb: number;
}

interface Truth {
  readonly calls: number;
  readonly refused: number;
  readonly settled_tokens: number;
}

const QUOTA = { tokensPerMinute: 800_000, bucketSeconds: 60, modelId: 'flood-model' } as const;
const MOST_RSS_MB = 400;
const MOST_SILENT_RECEIVES = 60;

const ARGS = [
  '--context',
  `models={"flood":{"model_id":"${QUOTA.modelId}","quota":{"tokens_per_minute":${QUOTA.tokensPerMinute}}}}`,
  '--context',
  'max_concurrent_executions=300',
  '--context',
  'queue_depth_threshold=1000',
];

const run = promisify(execFile);

/** The largest of many looks. */
const watchRss = (pid: number) => {
  let peakKb = 0;
  const look = async (): Promise<void> => {
    const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
    peakKb = Math.max(peakKb, Number(stdout.trim()));
  };
  const timer = setInterval(() => void look().catch(() => {}), 500);
  return { stop: () => clearInterval(timer), peakMb: () => Math.round(peakKb / 1024) };
};

const envelope = (door: string, index: number) => ({
  custom_id: `${door}-${index}`,
  prompt: `flood ${door}-${index} `,
  max_tokens: 50,
});

const indexes = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

type Sqs = ReturnType<typeof createSqs>;

const sendAll = async (ready: ReadyLine, sqs: Sqs, each: number): Promise<void> => {
  const input = ready.queues[QUEUES.input] ?? '';
  await Promise.all([
    forEachConcurrently(indexes(each), 64, async (index) => {
      const { status } = await submit(ready.api, envelope('http', index));
      if (status !== 202) throw new Error(`request ${index} was answered with ${status}`);
    }),
    forEachConcurrently(tensOf(indexes(each)), 16, async (ten) => {
      await sendTen(
        sqs,
        input,
        ten.map((index) => envelope('queue', index)),
      );
    }),
  ]);
  // What lies in the input queue is sent, not accepted yet.
  while (((await readDepths(sqs, ready))[QUEUES.input] ?? 0) > 0) await sleep(200);
};

const finishAll = async (ready: ReadyLine, sqs: Sqs, requests: number): Promise<number> => {
  const finished = new Set<string>();
  const consume = async (): Promise<void> => {
    for (let silent = 0; silent < MOST_SILENT_RECEIVES && finished.size < requests; ) {
      const results = await takeResults(sqs, ready.queues[QUEUES.results] ?? '');
      for (const { custom_id, status } of results) if (status === 'succeeded') finished.add(custom_id ?? '');
      silent = results.length === 0 ? silent + 1 : 0;
    }
  };
  await Promise.all([consume(), consume()]);
  return finished.size;
};

const truthOf = async ({ endpoints }: ReadyLine): Promise<Truth> => {
  const response = await fetch(`${endpoints.bedrockRuntime}/_sim/truth`);
  const { calls, refused, models } = (await response.json()) as Truth & {
    readonly models: Readonly<Record<string, Truth>>;
  };
  return { calls, refused, settled_tokens: models[QUOTA.modelId]?.settled_tokens ?? 0 };
};

const measure = async (ready: ReadyLine, requests: number): Promise<Measured> => {
  const sqs = createSqs(ready);
  const rss = watchRss(ready.pid);
  const startedAtMs = performance.now();
  const secondsSince = (): number => Math.round((performance.now() - startedAtMs) / 100) / 10;
  let acceptedIn = 0;
  const sending = sendAll(ready, sqs, requests / 2).then(() => {
    acceptedIn = secondsSince();
  });
  const finished = await finishAll(ready, sqs, requests);
  const finishedIn = secondsSince();
  await sending;
  rss.stop();
  const { calls, refused, settled_tokens } = await truthOf(ready);
  const bucketTokens = (QUOTA.tokensPerMinute / 60) * QUOTA.bucketSeconds;
  const beyondBucket = Math.max(0, settled_tokens - bucketTokens);
  sqs.destroy();
  return {
    requests,
    accepted_in_seconds: acceptedIn,
    finished_in_seconds: finishedIn,
    quota_allows_in_seconds: Math.round((beyondBucket / QUOTA.tokensPerMinute) * 600) / 10,
    finished,
    model_calls: calls,
    throttled: refused,
    peak_rss_mb: rss.peakMb(),
  };
};

const flood = async ({
  requests,
  json,
}: {
  readonly requests: number;
  readonly json: boolean;
}): Promise<void> => {
  silenceSdkNodeWarning();
  const dataDir = await mkdtemp(join(tmpdir(), 'smoother-flood-'));
  const smoother = await startSmoother({ args: ['--data', dataDir, ...ARGS] });
  const measured = await measure(smoother.ready, requests);
  smoother.signal('SIGTERM');
  await smoother.ended();
  await rm(dataDir, { recursive: true, force: true });
  if (json) process.stdout.write(`${JSON.stringify(measured)}\n`);
  else console.table(measured);
  const faults = [
    ...(measured.finished === requests ? [] : [`only ${measured.finished} of ${requests} finished`]),
    ...(measured.peak_rss_mb < MOST_RSS_MB
      ? []
      : [`the parent took ${measured.peak_rss_mb} MB, at least ${MOST_RSS_MB}`]),
  ];
  if (faults.length > 0) throw new Error(faults.join('; '));
};

const parseCount = (text: string): number => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 20 || count % 20 !== 0)
    throw new InvalidArgumentError('It must be a multiple of 20.');
  return count;
};

void new Command('flood')
  .description('many requests at once, half over HTTP and half as SQS messages, against a quota that binds')
  .option('--requests <count>', 'how many', parseCount, 10_000)
  .option('--json', 'one line of JSON', false)
  .action(flood)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`flood: ${(error as Error).message}\n`);
    process.exitCode = 1;
  });
