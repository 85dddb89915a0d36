import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { QUEUES } from '../../../shared/contract/names.ts';
import { createSqs } from '../../end-to-end/clients.ts';
import type { SmootherProcess } from '../../end-to-end/smoother-process.ts';
import type { Part, UnitContext, UnitReport } from '../part.ts';
import { growthFaults, growthFigures, handleFaults, type Window } from '../probed/growth.ts';
import { endsByThemselves, withProbes } from '../probed/probed-system.ts';
import { type RoleSamples, readSamples } from '../probed/read-samples.ts';
import { type Answered, takeAnswers } from '../probed/take-answers.ts';
import { readSizes, type Sizes } from './read-sizes.ts';
import { type Sent, sendSteadily } from './send-steadily.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly perMinute: number;
}

const HALVES = ['first half', 'second half'] as const;

const ARGS = [
  ...['--processes', 'split', '--drains', '1'],
  '--context',
  'models={"soak":{"model_id":"soak-model","quota":{"tokens_per_minute":20000000}}}',
  ...['--context', 'max_concurrent_executions=400'],
  ...['--context', 'tenants={"default":{"max_waiting":1000000}}'],
  ...['--simulator', 'latency_scale=0.4'],
];

/** What fills itself at first, code that is compiled included, is no growth. */
const WARM_UP_SHARE = 1 / 5;
const MOST_WAITING = 5_000;
const MOST_SILENT_MS = 300_000;
const LOOK_MS = 1_000;
/** Every process looks at itself once in it. */
const UNTIL_A_LOOK_AT_REST_MS = 15_000;
/** Pool, lease, counters of tenants, the reconciler's place: not more for more requests. */
const MOST_OTHER_ITEMS = 100;

const waitForRest = async (sent: Sent, answered: Answered, show: UnitContext['show']): Promise<void> => {
  let silentSinceMs = performance.now();
  for (let before = -1; answered.count() < sent.count(); ) {
    if (answered.count() !== before) silentSinceMs = performance.now();
    if (performance.now() - silentSinceMs > MOST_SILENT_MS) return;
    before = answered.count();
    show(1, `${before} of ${sent.count()} answered; waiting for the rest`);
    await sleep(LOOK_MS);
  }
};

const answerFaults = (sent: Sent, answered: Answered): readonly string[] => {
  const { succeeded = 0 } = answered.byStatus;
  return [
    ...(answered.count() === sent.count()
      ? []
      : [`${sent.count() - answered.count()} of ${sent.count()} were not answered.`]),
    ...(succeeded === answered.count() ? [] : [`They ended as ${JSON.stringify(answered.byStatus)}.`]),
    ...(answered.strangers() === 0 ? [] : [`${answered.strangers()} answers are of nobody who asked.`]),
  ];
};

/** `sentInAll`: of both halves, since the second goes on with the tables of the first. */
const sizeFaults = (sizes: Sizes, sentInAll: number): readonly string[] => [
  ...(sizes.requestItems === sentInAll
    ? []
    : [`${sizes.requestItems} items in the table for ${sentInAll} requests.`]),
  ...(sizes.otherItems <= MOST_OTHER_ITEMS
    ? []
    : [`${sizes.otherItems} items that are no requests, at most ${MOST_OTHER_ITEMS} are allowed.`]),
  ...(sizes.messages === 0 ? [] : [`${sizes.messages} messages are left in the queues.`]),
];

interface Half {
  readonly options: SoakOptions;
  readonly prefix: string;
  readonly dataDir: string;
  readonly samplesDir: string;
  readonly sentBefore: number;
  readonly show: UnitContext['show'];
}

interface Soaked {
  readonly sent: Sent;
  readonly answered: Answered;
  readonly sizes: Sizes;
  readonly samples: RoleSamples;
  readonly window: Window;
}

const soakSystem = async (half: Half, { ready }: SmootherProcess): Promise<Soaked> => {
  const { options, prefix, samplesDir, show } = half;
  const durationMs = options.minutes * 60_000;
  const most = Math.ceil(options.minutes * options.perMinute) + 1;
  const [producer, consumer] = [createSqs(ready), createSqs(ready)];
  const startedAtMs = Date.now();
  const answered = takeAnswers(consumer, ready.queues[QUEUES.results] ?? '', { prefix, most });
  const load = { prefix, durationMs, answered, perMinute: options.perMinute, mostWaiting: MOST_WAITING };
  const sent = sendSteadily(ready, producer, load);
  const look = (): void =>
    show((Date.now() - startedAtMs) / durationMs, `${sent.count()} sent, ${answered.count()} answered`);
  const showing = setInterval(look, LOOK_MS);
  try {
    await sent.done.finally(() => clearInterval(showing));
    const window = { fromMs: startedAtMs + durationMs * WARM_UP_SHARE, toMs: Date.now() };
    await waitForRest(sent, answered, show);
    const sizes = await readSizes(ready);
    await sleep(UNTIL_A_LOOK_AT_REST_MS);
    return { sent, answered, sizes, window, samples: await readSamples(samplesDir, ready.processes ?? {}) };
  } finally {
    await answered.stop();
    for (const client of [producer, consumer]) client.destroy();
  }
};

const measure = async (half: Half, system: SmootherProcess): Promise<Omit<UnitReport, 'unit'>> => {
  const { sent, answered, sizes, samples, window } = await soakSystem(half, system);
  return {
    figures: {
      sent: sent.count(),
      answered: answered.count(),
      repeats: answered.repeats(),
      sent_again: sent.sentAgain(),
      window_minutes: Math.round((window.toMs - window.fromMs) / 6_000) / 10,
      held_back_s: Math.round(sent.heldBackMs() / 1000),
      request_items: sizes.requestItems,
      other_items: sizes.otherItems,
      ledger_items: sizes.ledgerItems,
      messages_left: sizes.messages,
      ...growthFigures(samples, window),
    },
    faults: [
      ...answerFaults(sent, answered),
      ...sizeFaults(sizes, half.sentBefore + sent.count()),
      ...growthFaults(samples, window),
      ...handleFaults(samples),
      ...endsByThemselves(system),
    ],
  };
};

/** The whole system in processes of its own, each of which tells what is left of it after each collection. */
const runHalf = (half: Half): Promise<Omit<UnitReport, 'unit'>> =>
  withProbes({ ...half, args: ARGS }, (system) => measure(half, system));

const sentIn = (reports: readonly UnitReport[]): number =>
  reports.reduce((sum, { figures }) => sum + Number(figures.sent ?? 0), 0);

/** Two halves on the same data; the processes are started anew for the second. */
export const createSoak = (options: SoakOptions): Part => ({
  units: HALVES,
  mostMinutesEach: options.minutes + 10,
  run: async (unit, { folder, earlier, show }) => {
    const dataDir = join(folder, 'data');
    if (unit === HALVES[0]) await rm(dataDir, { recursive: true, force: true });
    const place = HALVES.indexOf(unit as (typeof HALVES)[number]) + 1;
    const half = { options, prefix: `soak-${place}-`, sentBefore: sentIn(earlier), dataDir, show };
    return { unit, ...(await runHalf({ ...half, samplesDir: join(folder, `samples-${place}`) })) };
  },
});
