import { setTimeout as pause } from 'node:timers/promises';

const PAUSE_MS = 100;
const MOST_TIMES = 400;

/** Asks until the answer is what is waited for, as these clients have to. */
export const askUntil = async <T>(ask: () => Promise<T>, isIt: (answer: T) => boolean): Promise<T> => {
  for (let times = 0; times < MOST_TIMES; times++) {
    const answer = await ask();
    if (isIt(answer)) return answer;
    await pause(PAUSE_MS);
  }
  throw new Error(`It was asked ${MOST_TIMES} times, and never was what was waited for.`);
};
