import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Command, InvalidArgumentError } from 'commander';
import { batchGet } from '../../shared/adapters/dynamo-batch-get.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { deriveRequestId } from '../../shared/core/request-id.ts';
import { createTableReader, readBatch, uploadBatch } from '../end-to-end/batch-clients.ts';
import { type SmootherProcess, startSmoother } from '../end-to-end/smoother-process.ts';

interface Options {
  readonly requests: number;
  readonly bytes: number;
  /** Kills the splitter when half is held. */
  readonly kill: boolean;
  readonly json: boolean;
}

interface Measured {
  readonly requests: number;
  readonly upload_mb: number;
  readonly uploaded_after_ms: number;
  readonly checked_after_ms: number;
  readonly held_after_ms: number;
  readonly killed_at_request: number | null;
  /** Of the process that splits, before, and at most while it did. */
  readonly splitter_mb_before: number;
  readonly splitter_mb_most: number;
  /** Of the functions that split, and of the embedded cloud, when all was held. */
  readonly splitter_cpu_s: number;
  readonly cloud_cpu_s: number;
  /** Each of its requests is in the table, under the id of its place. */
  readonly items: number;
}

const LOOK_MS = 250;
const pause = (): Promise<void> => new Promise((done) => setTimeout(done, LOOK_MS));
const run = promisify(execFile);

/** A quota that lets little through, and a tenant that may have all of it waiting: what is measured is the way to the lanes. */
const CONTEXT = {
  models: { slow: { model_id: 'slow', quota: { tokens_per_minute: 20_000 } } },
  tenants: { default: { max_waiting: 1_000_000 } },
};

const start = (dataDir: string): Promise<SmootherProcess> =>
  startSmoother({
    args: [
      ...['--data', dataDir, '--processes', 'split'],
      ...Object.entries(CONTEXT).flatMap(([name, value]) => [
        '--context',
        `${name}=${JSON.stringify(value)}`,
      ]),
    ],
  });

const pidsOf = async (dataDir: string): Promise<Readonly<Record<'splitter' | 'cloud', number>>> =>
  JSON.parse(await readFile(join(dataDir, 'processes.json'), 'utf8'));

const secondsOf = (time: string): number =>
  time.split(/[:-]/).reduce((seconds, part) => seconds * 60 + Number(part), 0);

/** What each process used, by its id; those that are gone as they were seen last. */
const createWatch = (dataDir: string) => {
  const seen = new Map<number, { readonly role: string; readonly mb: number; readonly cpuSeconds: number }>();
  let most = 0;
  return {
    look: async (): Promise<number> => {
      const pids = await pidsOf(dataDir);
      for (const role of ['splitter', 'cloud'] as const) {
        const args = ['-o', 'rss=,cputime=', '-p', String(pids[role])];
        const { stdout } = await run('ps', args).catch(() => ({ stdout: '' }));
        const [kb = '', time = ''] = stdout.trim().split(/\s+/);
        if (time === '') continue;
        const mb = Math.round(Number(kb) / 1024);
        seen.set(pids[role], { role, mb, cpuSeconds: secondsOf(time) });
        if (role === 'splitter') most = Math.max(most, mb);
      }
      return seen.get(pids.splitter)?.mb ?? 0;
    },
    mostMb: () => most,
    cpuSecondsOf: (role: string): number =>
      [...seen.values()].reduce((sum, one) => sum + (one.role === role ? one.cpuSeconds : 0), 0),
  };
};

const linesOf = ({ requests, bytes }: Options): Uint8Array =>
  Buffer.from(
    Array.from({ length: requests }, (_, index) => {
      const envelope = { custom_id: `c${index}`, max_tokens: 50, prompt: `${index} ` };
      const missing = Math.max(0, bytes - JSON.stringify(envelope).length - 1);
      return `${JSON.stringify({ ...envelope, prompt: envelope.prompt + 'x'.repeat(missing) })}\n`;
    }).join(''),
  );

const countItems = async (
  batchId: string,
  count: number,
  ready: SmootherProcess['ready'],
): Promise<number> => {
  const { client, table, close } = createTableReader(ready);
  let found = 0;
  for (let from = 0; from < count; from += 5000) {
    const ids = Array.from({ length: Math.min(5000, count - from) }, (_, place) =>
      deriveRequestId({ kind: 'member', batchId, index: from + place }),
    );
    found += (
      await batchGet(ids, { client, table, consistent: true, clock: systemClock, random: Math.random })
    ).length;
  }
  close();
  return found;
};

const measure = async (options: Options, dataDir: string, { ready }: SmootherProcess): Promise<Measured> => {
  const lines = linesOf(options);
  const reader = createTableReader(ready);
  const watch = createWatch(dataDir);
  const before = await watch.look();
  const startedAtMs = performance.now();
  const since = (): number => Math.round(performance.now() - startedAtMs);
  const { batch_id } = await uploadBatch(ready.api, lines, { priority: 'low' });
  const uploadedAfterMs = since();
  let checkedAfterMs = 0;
  let killedAt: number | null = null;
  for (;;) {
    const { index } = await reader.cursorOf(batch_id);
    await watch.look();
    if (checkedAfterMs === 0 && (await readBatch(ready.api, batch_id)).status === 'in_progress')
      checkedAfterMs = since();
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${index} of ${options.requests} held`);
    if (index === options.requests) break;
    if (options.kill && killedAt === null && index >= options.requests / 2) {
      killedAt = index;
      process.kill((await pidsOf(dataDir)).splitter, 'SIGKILL');
    }
    await pause();
  }
  const heldAfterMs = since();
  reader.close();
  const batch = await readBatch(ready.api, batch_id);
  const { total, ...rest } = batch.counts;
  const sum = Object.values(rest).reduce((all, count) => all + count, 0);
  if (total !== options.requests || sum !== total)
    throw new Error(`the counts are wrong: ${JSON.stringify(batch.counts)}`);
  const items = await countItems(batch_id, options.requests, ready);
  if (items !== options.requests)
    throw new Error(`${items} of ${options.requests} requests are in the table`);
  return {
    requests: options.requests,
    upload_mb: Math.round(lines.byteLength / 1024 / 1024),
    uploaded_after_ms: uploadedAfterMs,
    checked_after_ms: checkedAfterMs,
    held_after_ms: heldAfterMs,
    killed_at_request: killedAt,
    splitter_mb_before: before,
    splitter_mb_most: watch.mostMb(),
    splitter_cpu_s: watch.cpuSecondsOf('splitter'),
    cloud_cpu_s: watch.cpuSecondsOf('cloud'),
    items,
  };
};

const bench = async (options: Options): Promise<void> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'smoother-batch-'));
  const started = await start(dataDir);
  try {
    const measured = await measure(options, dataDir, started);
    if (options.json) process.stdout.write(`${JSON.stringify({ node: process.version, ...measured })}\n`);
    else console.table(measured);
  } finally {
    started.signal('SIGINT');
    await started.ended();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
};

const parseCount = (text: string): number => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return count;
};

void new Command('bench:batch')
  .description('an uploaded batch, checked and put into its lanes, every request of it found again')
  .option('--requests <count>', 'requests of the batch', parseCount, 100_000)
  .option('--bytes <count>', 'bytes of each line', parseCount, 500)
  .option('--kill', 'kills the splitter when half is held', false)
  .option('--json', 'one line of JSON', false)
  .action(bench)
  .parseAsync();
