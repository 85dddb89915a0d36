import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { silenceSdkNodeWarning } from '../../functions/runtime/environment.ts';
import type { ReadyLine } from '../../local/ready-line.ts';
import { QUEUES } from '../../shared/contract/names.ts';
import { readDepths } from '../chaos/gather-evidence.ts';
import { createSqs, forEachConcurrently, sendTen, submit, tensOf } from '../end-to-end/clients.ts';
import { startSmoother } from '../end-to-end/smoother-process.ts';
import { calledAtMs, callsOf, collectAnswers, markerOf, truthOf } from './priority-answers.ts';
import { DOORS, type Door, type HighRequest, mostInFlight, waitsOf } from './priority-waits.ts';

interface Options {
  readonly backlog: number;
  readonly requests: number;
  readonly seconds: number;
  readonly otherTenant: boolean;
  readonly json: boolean;
}

type Sqs = ReturnType<typeof createSqs>;

const TOKENS_PER_MINUTE = 400_000;
const MAX_CONCURRENT = 400;
/** What the lowest class may use of it: from there on the cap decides, and not the quota. */
const CAP_BINDS_AT = 0.9 * MAX_CONCURRENT;

const MODELS = { bench: { model_id: 'bench', quota: { tokens_per_minute: TOKENS_PER_MINUTE } } };
const ARGS = [`models=${JSON.stringify(MODELS)}`, `max_concurrent_executions=${MAX_CONCURRENT}`].flatMap(
  (setting) => ['--context', setting],
);

const indexes = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const lowId = (index: number): string => `low-${index}`;
const highId = (door: Door, index: number): string => `high-${door}-${index}`;

const envelope = (id: string, priority: 'high' | 'low') => ({
  custom_id: id,
  priority,
  prompt: markerOf(id),
  max_tokens: 50,
});

const sendBacklog = async (ready: ReadyLine, sqs: Sqs, count: number): Promise<void> => {
  const input = ready.queues[QUEUES.input] ?? '';
  await forEachConcurrently(tensOf(indexes(count)), 8, async (ten) => {
    const taken = await sendTen(
      sqs,
      input,
      ten.map((index) => envelope(lowId(index), 'low')),
    );
    if (taken.length !== ten.length) throw new Error('SQS did not take a whole batch');
  });
  // What lies in the input queue is sent, not accepted yet.
  while (((await readDepths(sqs, ready))[QUEUES.input] ?? 0) > 0) await sleep(200);
};

interface HighSender {
  readonly ready: ReadyLine;
  readonly sqs: Sqs;
  readonly options: Options;
}

/** Answers with when it was sent. */
const sendHigh = async ({ ready, sqs, options }: HighSender, door: Door, id: string): Promise<number> => {
  const body = envelope(id, 'high');
  const sentAtMs = Date.now();
  if (door === 'http') {
    const { status } = await submit(ready.api, body);
    if (status !== 202) throw new Error(`${id} was answered with ${status}`);
  } else {
    const tenant = options.otherTenant ? { tenant: 'other' } : {};
    await sendTen(sqs, ready.queues[QUEUES.input] ?? '', [{ ...body, ...tenant }]);
  }
  return sentAtMs;
};

/** Each at a random moment; by id, when it was sent. */
const sendHighs = async (sender: HighSender): Promise<ReadonlyMap<string, number>> => {
  const { requests, seconds } = sender.options;
  const sentAtMs = new Map<string, number>();
  const all = DOORS.flatMap((door) => indexes(requests).map((index) => ({ door, id: highId(door, index) })));
  await Promise.all(
    all.map(async ({ door, id }) => {
      await sleep(Math.random() * seconds * 1000);
      sentAtMs.set(id, await sendHigh(sender, door, id));
    }),
  );
  return sentAtMs;
};

const measure = async (ready: ReadyLine, options: Options) => {
  const sqs = createSqs(ready);
  const { backlog, requests } = options;
  const count = backlog + DOORS.length * requests;
  const collecting = collectAnswers(ready, sqs, count);
  // A failure is told when it is waited for.
  collecting.catch(() => {});
  await sendBacklog(ready, sqs, backlog);
  const sent = await sendHighs({ ready, sqs, options });
  const results = await collecting;
  sqs.destroy();
  const truth = await truthOf(ready);
  const calls = callsOf(truth, count);
  const low = indexes(backlog).map((index) => calledAtMs(calls, lowId(index)));
  const highs: HighRequest[] = DOORS.flatMap((door) =>
    indexes(requests).map((index) => {
      const id = highId(door, index);
      const acceptedAtMs = Date.parse(results.get(id)?.accepted_at ?? '');
      return { door, sentAtMs: sent.get(id) ?? 0, acceptedAtMs, calledAtMs: calledAtMs(calls, id) };
    }),
  );
  const waitingAt = (atMs: number): number => low.filter((calledMs) => calledMs > atMs).length;
  const sentAtMs = [...sent.values()];
  return {
    waits: DOORS.map((door) => waitsOf(door, highs, low)),
    low_waiting_at_first: waitingAt(Math.min(...sentAtMs)),
    low_waiting_at_last: waitingAt(Math.max(...sentAtMs)),
    most_in_flight: mostInFlight(truth.recent_calls ?? []),
    model_calls: truth.calls,
    throttled: truth.refused,
  };
};

const bench = async (options: Options): Promise<void> => {
  silenceSdkNodeWarning();
  const dataDir = await mkdtemp(join(tmpdir(), 'smoother-priority-'));
  const smoother = await startSmoother({ args: ['--data', dataDir, ...ARGS] });
  try {
    const { waits, ...rest } = await measure(smoother.ready, options);
    if (options.json) process.stdout.write(`${JSON.stringify({ node: process.version, waits, ...rest })}\n`);
    else {
      console.table(waits);
      console.table(rest);
    }
    if (rest.most_in_flight >= CAP_BINDS_AT)
      throw new Error(`${rest.most_in_flight} calls at once: the cap of ${MAX_CONCURRENT} binds`);
  } finally {
    smoother.signal('SIGTERM');
    await smoother.ended();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
};

const parseCount = (text: string): number => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return count;
};

void new Command('bench:priority')
  .description('how long high requests wait behind a backlog of low ones, as the simulator saw it')
  .option('--backlog <count>', 'low requests', parseCount, 6500)
  .option('--requests <count>', 'high requests by each door', parseCount, 100)
  .option('--seconds <count>', 'time in which they are sent', parseCount, 60)
  .option('--other-tenant', 'those by the queue are of another tenant than the backlog', false)
  .option('--json', 'one line of JSON', false)
  .action(bench)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`bench:priority: ${(error as Error).message}\n`);
    process.exitCode = 1;
  });
