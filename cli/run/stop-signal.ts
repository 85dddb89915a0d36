import { say } from '../output.ts';

/** What a person or a supervisor wants to end. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}

/** Of calls that were under way. */
export const ASKED_AGAIN =
  'the same command goes on from here, and asks again what was under way; where answers cost, those are paid for twice.';

/** Answers under way took longer than anybody waits. */
export class StoppedShort extends Interrupted {}

/** npm passes on a signal that the terminal has sent to everybody already: so close together, two are one. */
const SAME_SIGNAL_MS = 500;

export interface StopSignal {
  readonly signal: AbortSignal;
  release(): void;
}

/** The first Ctrl+C ends in order, a second one at once. */
export const listenForStop = (exitCode: number): StopSignal => {
  const controller = new AbortController();
  let firstAtMs: number | undefined;
  const stop = (): void => {
    const nowMs = performance.now();
    firstAtMs ??= nowMs;
    controller.abort(new Interrupted());
    if (nowMs - firstAtMs < SAME_SIGNAL_MS) return;
    say(`smoother: stopped at once; ${ASKED_AGAIN}`);
    process.exit(exitCode);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
};
