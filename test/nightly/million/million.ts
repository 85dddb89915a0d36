import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isOver } from '../../../shared/contract/batch-statuses.ts';
import { QUEUES } from '../../../shared/contract/names.ts';
import { readBatch, readResults, uploadBatch } from '../../end-to-end/batch-clients.ts';
import { createSqs } from '../../end-to-end/clients.ts';
import type { SmootherProcess } from '../../end-to-end/smoother-process.ts';
import type { Part, UnitContext, UnitReport } from '../part.ts';
import { growthFaults, growthFigures, type Window } from '../probed/growth.ts';
import { endsByThemselves, withProbes } from '../probed/probed-system.ts';
import { readSamples } from '../probed/read-samples.ts';
import { type Answered, takeAnswers } from '../probed/take-answers.ts';

export interface MillionOptions {
  readonly requests: number;
  readonly units: number;
}

/** A quota that keeps nobody waiting, and a tenant that may have everything waiting. */
const ARGS = [
  ...['--processes', 'split', '--drains', '1'],
  '--context',
  'models={"million":{"model_id":"million-model","quota":{"tokens_per_minute":100000000}}}',
  ...['--context', 'max_concurrent_executions=400'],
  ...['--context', 'queue_depth_threshold=1000'],
  ...['--context', 'tenants={"default":{"max_waiting":2000000}}'],
  ...['--simulator', 'latency_scale=0.2'],
];

const WARM_UP_SHARE = 1 / 5;
const LOOK_MS = 1_000;
const MOST_SILENT_MS = 300_000;

const linesOf = (prefix: string, requests: number): Uint8Array =>
  Buffer.from(
    Array.from(
      { length: requests },
      (_, index) =>
        `${JSON.stringify({ custom_id: `${prefix}${index}`, max_tokens: 50, prompt: `What is ${index}?` })}\n`,
    ).join(''),
  );

interface Read {
  readonly different: number;
  readonly twice: number;
  readonly notSucceeded: number;
}

/** The results as they come, of which one bit each is kept. */
const readAll = async (api: string, batchId: string, prefix: string, requests: number): Promise<Read> => {
  const seen = new Uint8Array(requests);
  let [different, twice, notSucceeded] = [0, 0, 0];
  for await (const { custom_id, status } of readResults(api, batchId)) {
    const index = Number(custom_id?.slice(prefix.length));
    if (seen[index] === 1) twice += 1;
    else different += 1;
    seen[index] = 1;
    if (status !== 'succeeded') notSucceeded += 1;
  }
  return { different, twice, notSucceeded };
};

/** Until the batch is over and all of it was told; false when nothing has moved for minutes. */
const waitForEnd = async (
  api: string,
  batchId: string,
  { answered, requests, show }: { answered: Answered; requests: number; show: UnitContext['show'] },
): Promise<void> => {
  let [before, movedAtMs] = [-1, performance.now()];
  for (;;) {
    const { status, counts } = await readBatch(api, batchId);
    const ended = (counts.succeeded ?? 0) + (counts.failed ?? 0);
    show(ended / requests, `${ended} of ${requests} ended, ${answered.count()} told`);
    if (isOver(status) && answered.count() >= requests) return;
    if (ended + answered.count() !== before)
      [before, movedAtMs] = [ended + answered.count(), performance.now()];
    if (performance.now() - movedAtMs > MOST_SILENT_MS) return;
    await sleep(LOOK_MS);
  }
};

interface Unit {
  readonly requests: number;
  readonly prefix: string;
  readonly samplesDir: string;
  readonly show: UnitContext['show'];
}

const measure = async (unit: Unit, system: SmootherProcess): Promise<Omit<UnitReport, 'unit'>> => {
  const { requests, prefix, samplesDir, show } = unit;
  const { ready } = system;
  const consumer = createSqs(ready);
  const answered = takeAnswers(consumer, ready.queues[QUEUES.results] ?? '', { prefix, most: requests });
  try {
    const startedAtMs = Date.now();
    const { batch_id } = await uploadBatch(ready.api, linesOf(prefix, requests), { priority: 'low' });
    await waitForEnd(ready.api, batch_id, { answered, requests, show });
    const read = await readAll(ready.api, batch_id, prefix, requests);
    const toMs = Date.now();
    const window: Window = { fromMs: startedAtMs + (toMs - startedAtMs) * WARM_UP_SHARE, toMs };
    const samples = await readSamples(samplesDir, ready.processes ?? {});
    return {
      figures: {
        requests,
        read: read.different,
        told: answered.count(),
        repeats: answered.repeats(),
        minutes: Math.round((toMs - startedAtMs) / 6_000) / 10,
        ...growthFigures(samples, window),
      },
      faults: [
        ...(read.different === requests && read.twice === 0 && read.notSucceeded === 0
          ? []
          : [`Of ${requests} results these were read: ${JSON.stringify(read)}.`]),
        ...(answered.count() === requests ? [] : [`${answered.count()} of ${requests} were told.`]),
        ...growthFaults(samples, window),
        ...endsByThemselves(system),
      ],
    };
  } finally {
    await answered.stop();
    consumer.destroy();
  }
};

/** Batches one after the other on the same data; the processes are started anew for each. */
export const createMillion = ({ requests, units }: MillionOptions): Part => {
  const names = Array.from({ length: units }, (_, index) => `batch ${index + 1}`);
  return {
    units: names,
    mostMinutesEach: 20,
    run: async (unit, { folder, show }) => {
      const dataDir = join(folder, 'data');
      if (unit === names[0]) await rm(dataDir, { recursive: true, force: true });
      const number = names.indexOf(unit) + 1;
      const samplesDir = join(folder, `samples-${number}`);
      const each = Math.ceil(requests / units);
      const one = { requests: each, prefix: `million-${number}-`, samplesDir, show };
      const report = await withProbes({ dataDir, samplesDir, args: ARGS }, (system) => measure(one, system));
      return { unit, ...report };
    },
  };
};
