import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { DeadLetterView } from '../../../shared/contract/dead-letter.ts';
import type { Result } from '../../../shared/contract/request.ts';
import { forEachConcurrently, readRequest, submit } from '../../end-to-end/clients.ts';
import { PROJECT_ROOT, type SmootherProcess, startSmoother } from '../../end-to-end/smoother-process.ts';
import type { Part, UnitContext, UnitReport } from '../part.ts';

const HOOK = pathToFileURL(join(PROJECT_ROOT, 'test/nightly/poison/poisonable.mjs')).href;

const POISON = { prompt: 'Drink a cup of hemlock.', max_tokens: 20, priority: 'high' };
/** Two, then two under suspicion. */
const CONDEMNED_AFTER = 4;
/** So often only what is never condemned ends a drain. */
const MOST_CRASHES = 7;
const MOST_MINUTES = 15;
const LOOK_MS = 500;

/** In flight, and staged, whenever a drain dies. */
const INNOCENT = [
  '[[sim:delay_ms=4000]]',
  '[[sim:delay_ms=4000]]',
  '[[sim:delay_ms=1000]]',
  'quick',
  'quick',
];

/** Suspects wait for half of a turn, and a turn is as short as it may be. */
const ARGS = [
  ...['--processes', 'split', '--drains', '1'],
  ...['--context', 'minutes_to_process=1'],
  ...['--simulator', 'latency_scale=0'],
];

interface Scene {
  readonly system: SmootherProcess;
  readonly log: string;
  readonly poison: string;
  readonly innocent: string[];
}

const crashesSoFar = async (log: string): Promise<number> =>
  (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '').length;

const isOver = ({ status }: Result): boolean =>
  ['succeeded', 'failed', 'expired', 'canceled'].includes(status);

const sendInnocent = async ({ system, innocent }: Scene, life: number): Promise<void> => {
  for (const [index, prompt] of INNOCENT.entries()) {
    const body = {
      prompt: `${life}.${index} ${prompt}`,
      max_tokens: 20,
      priority: index < 2 ? 'high' : 'low',
    };
    const answer = await submit(system.ready.api, body);
    innocent.push(answer.body.request_id);
  }
};

/** Until the poison has ended, or it is clear that it never will. */
const watchLives = async (scene: Scene, show: UnitContext['show']): Promise<number> => {
  const untilMs = Date.now() + MOST_MINUTES * 60_000;
  for (let lives = 0, crashes = 0; ; ) {
    crashes = await crashesSoFar(scene.log);
    show(crashes / CONDEMNED_AFTER, `${crashes} drains have died of it`);
    if (isOver(await readRequest(scene.system.ready.api, scene.poison))) return crashes;
    if (crashes >= MOST_CRASHES || Date.now() > untilMs) return crashes;
    if (crashes >= lives) {
      await sendInnocent(scene, lives);
      lives += 1;
    }
    await sleep(LOOK_MS);
  }
};

const waitForInnocent = async ({ system, innocent }: Scene): Promise<readonly Result[]> => {
  const untilMs = Date.now() + MOST_MINUTES * 60_000;
  const results = new Map<string, Result>();
  while (results.size < innocent.length && Date.now() < untilMs) {
    const open = innocent.filter((id) => !results.has(id));
    await forEachConcurrently(open, 4, async (id) => {
      const result = await readRequest(system.ready.api, id);
      if (isOver(result)) results.set(id, result);
    });
    await sleep(LOOK_MS);
  }
  return [...results.values()];
};

const readLetters = async ({ system }: Scene): Promise<readonly DeadLetterView[]> => {
  const response = await fetch(`${system.ready.api}/v1/dead-letters?reason=crashed_drain`);
  return ((await response.json()) as { readonly dead_letters: readonly DeadLetterView[] }).dead_letters;
};

const isRightLetter = (letter: DeadLetterView | undefined, poison: string): boolean =>
  letter?.request_id === poison &&
  letter.attempts === CONDEMNED_AFTER &&
  letter.history.filter(({ under_suspicion }) => under_suspicion).length === 2;

const measure = async (scene: Scene, show: UnitContext['show']): Promise<Omit<UnitReport, 'unit'>> => {
  const crashes = await watchLives(scene, show);
  const results = await waitForInnocent(scene);
  const poison = await readRequest(scene.system.ready.api, scene.poison);
  const letters = await readLetters(scene);
  const answered = results.filter(({ status }) => status === 'succeeded').length;
  const code = poison.error?.code ?? poison.status;
  return {
    figures: {
      drains_died: crashes,
      ended_as: code,
      innocent: scene.innocent.length,
      answered,
      tried_again: results.filter(({ attempts }) => attempts > 1).length,
      letters: letters.length,
    },
    faults: [
      ...(crashes === CONDEMNED_AFTER ? [] : [`${crashes} drains died of it, not ${CONDEMNED_AFTER}.`]),
      ...(code === 'crashed_drain' ? [] : [`It ended as ${code}.`]),
      ...(answered === scene.innocent.length
        ? []
        : [`Of ${scene.innocent.length} innocent ones ${answered} were answered.`]),
      ...(letters.length === 1 && isRightLetter(letters[0], scene.poison)
        ? []
        : [`The letters are ${JSON.stringify(letters)}.`]),
    ],
  };
};

/** A request that ends the process of every drain that sends it, beside others that do not. */
export const createPoison = (): Part => ({
  units: ['poison'],
  mostMinutesEach: 30,
  run: async (unit, { folder, show }) => {
    const log = join(folder, 'crashes.txt');
    await rm(join(folder, 'data'), { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeFile(log, '');
    const system = await startSmoother({
      args: ['--data', join(folder, 'data'), ...ARGS],
      env: { POISON_LOG: log, NODE_OPTIONS: `--import ${HOOK}` },
    });
    try {
      const scene = { system, log, poison: '', innocent: [] };
      await sendInnocent(scene, -1);
      const { body } = await submit(system.ready.api, POISON);
      return { unit, ...(await measure({ ...scene, poison: body.request_id }, show)) };
    } finally {
      system.signal('SIGTERM');
      await system.ended();
    }
  },
});
