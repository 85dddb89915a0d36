import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { forEachConcurrently, submit } from '../../end-to-end/clients.ts';
import type { UnitReport } from '../part.ts';
import type { Crowd } from './crowd.ts';

/** The gateway gives an answer 30 s, and thousands of answers take some of them. */
const WAIT_SECONDS = 20;
const ACCEPTS = 200;
const AT_ONCE = 4;
/** So that they end as evenly as they begin: ten thousand within twenty seconds. */
const BREATH = 50;
const BREATH_MS = 100;
/** Of ingestion, for an accept, beside the polls and without. */
const MOST_CPU_RATIO = 1.5;

const cpuMsOf = (pid: number): number => {
  const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const fields = after.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
};

interface Polling {
  readonly open: () => number;
  readonly most: () => number;
  readonly done: Promise<Readonly<Record<string, number>>>;
}

/** Reads that wait for what will not end; each is asked again when it is answered, until `isOver`. */
const pollAll = (api: string, ids: readonly string[], count: number, isOver: () => boolean): Polling => {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const outcomes: Record<string, number> = {};
  let [open, most] = [0, 0];
  const ask = (index: number): Promise<string> =>
    new Promise((resolve) => {
      const url = `${api}/v1/requests/${ids[index % ids.length]}?wait=${WAIT_SECONDS}`;
      get(url, { agent }, (response) => {
        response.resume().on('end', () => resolve(String(response.statusCode)));
      }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  const poll = async (index: number): Promise<void> => {
    do {
      open += 1;
      most = Math.max(most, open);
      const outcome = await ask(index);
      open -= 1;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    } while (!isOver());
  };
  const openAll = async (): Promise<void> => {
    const polls: Promise<void>[] = [];
    for (let index = 0; index < count; index += 1) {
      polls.push(poll(index));
      if (index % BREATH === BREATH - 1) await sleep(BREATH_MS);
    }
    await Promise.all(polls);
  };
  const done = openAll().then(() => {
    agent.destroy();
    return outcomes;
  });
  return { open: () => open, most: () => most, done };
};

/** How many of them were taken, and the CPU of ingestion for each. */
const acceptSome = async ({ system: { ready } }: Crowd) => {
  const pid = ready.processes?.ingestion ?? 0;
  const before = cpuMsOf(pid);
  let accepted = 0;
  const ids: string[] = [];
  const indexes = Array.from({ length: ACCEPTS }, (_, index) => index);
  await forEachConcurrently(indexes, AT_ONCE, async (index) => {
    const { status, body } = await submit(ready.api, { prompt: `What is ${index}?`, max_tokens: 50 });
    if (status === 202) accepted += 1;
    ids.push(body.request_id);
  });
  return { accepted, ids, cpuMs: (cpuMsOf(pid) - before) / ACCEPTS };
};

export const crowdOfPolls = async (crowd: Crowd): Promise<Omit<UnitReport, 'unit'>> => {
  const { system, count, show } = crowd;
  const { ids } = await acceptSome(crowd);
  const alone = await acceptSome(crowd);
  let isOver = false;
  const polling = pollAll(system.ready.api, ids, count, () => isOver);
  while (polling.most() < count) {
    show(polling.open() / count, `${polling.open()} polls are open`);
    await sleep(1_000);
  }
  const beside = await acceptSome(crowd);
  isOver = true;
  const outcomes = await polling.done;
  const ratio = Math.round((beside.cpuMs / alone.cpuMs) * 100) / 100;
  const { 200: answered = 0, ...others } = outcomes;
  return {
    figures: {
      most_open_polls: polling.most(),
      polls_answered: answered,
      accepted_alone: alone.accepted,
      accepted_beside: beside.accepted,
      cpu_of_an_accept_beside_by_alone: ratio,
    },
    faults: [
      ...(Object.keys(others).length === 0 ? [] : [`Polls ended otherwise: ${JSON.stringify(others)}.`]),
      ...(alone.accepted + beside.accepted === 2 * ACCEPTS
        ? []
        : [`${alone.accepted} and ${beside.accepted} of ${ACCEPTS} were accepted.`]),
      ...(ratio <= MOST_CPU_RATIO ? [] : [`An accept beside polls took ${ratio} times the CPU.`]),
    ],
  };
};
