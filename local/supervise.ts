import { systemTimers, type Timers } from './lambda/timers.ts';

/** A process of its own. */
export interface ChildProcess {
  readonly pid: number;
  /** Resolves with the reason when it has ended, whoever ended it. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

export interface Supervised<C extends ChildProcess> {
  /** The process that runs, or the next one as soon as it does. */
  running(): Promise<C>;
  /** Starts it no more; answers with the process that still runs, if one does. */
  retire(): Promise<C | undefined>;
  /** Retires and ends it. */
  stop(): Promise<void>;
}

export interface SupervisionOptions<C extends ChildProcess> {
  readonly role: string;
  readonly start: () => Promise<C>;
  readonly onStarted: (child: C) => void;
  /** One sentence for the person at the terminal. */
  readonly say: (sentence: string) => void;
}

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 5_000;
/** A process that lived so long did start well: the next pause is a short one again. */
const STABLE_AFTER_MS = 10_000;

/** The pause before a start: longer with each process in a row that hardly lived. */
export const restartDelayMs = (failuresInARow: number): number =>
  Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** failuresInARow);

/**
 * Starts a process, and starts it again after a moment whenever it ends by itself. The first start is the caller's
 * to judge: it throws.
 */
export const supervise = async <C extends ChildProcess>(
  options: SupervisionOptions<C>,
  timers: Timers = systemTimers,
): Promise<Supervised<C>> => {
  const { role, start, onStarted, say } = options;
  let stopping = false;
  let failuresInARow = 0;
  let wakeUp = (): void => {};

  const pause = (durationMs: number): Promise<void> =>
    new Promise((done) => {
      const cancel = timers.after(durationMs, done);
      wakeUp = () => {
        cancel();
        done();
      };
    });

  const started = async (): Promise<C> => {
    const child = await start();
    onStarted(child);
    return child;
  };

  /** Nothing when it is stopped meanwhile. */
  const startAgain = async (): Promise<C | undefined> => {
    while (!stopping) {
      await pause(restartDelayMs(failuresInARow));
      failuresInARow += 1;
      if (stopping) break;
      try {
        return await started();
      } catch (error) {
        say(`the ${role} process did not start: ${(error as Error).message}`);
      }
    }
    return undefined;
  };

  const first = await started();
  let running: Promise<C | undefined> = Promise.resolve(first);

  const keep = async (first: C): Promise<void> => {
    let current: C | undefined = first;
    while (current !== undefined) {
      const startedAtMs = timers.monotonicMs();
      const reason = await current.ended;
      if (stopping) return;
      if (timers.monotonicMs() - startedAtMs >= STABLE_AFTER_MS) failuresInARow = 0;
      say(`the ${role} process ${current.pid} ended by itself (${reason}); it is started again.`);
      running = startAgain();
      current = await running;
    }
  };
  const kept = keep(first);

  const retire = async (): Promise<C | undefined> => {
    stopping = true;
    wakeUp();
    return running;
  };

  return {
    running: async () => {
      const child = await running;
      if (child === undefined) throw new Error(`the ${role} process has been stopped`);
      return child;
    },
    retire,
    stop: async () => {
      await (await retire())?.stop();
      await kept;
    },
  };
};
