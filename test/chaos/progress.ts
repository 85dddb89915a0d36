import type { Progress } from './run-chaos.ts';

export interface ProgressDisplay {
  show(progress: Progress): void;
  end(): void;
}

const BAR_CHARACTERS = 30;
/** Without a terminal a line now and then is enough. */
const LINE_EVERY_MS = 15_000;

const bar = (share: number): string => {
  const full = Math.round(Math.min(1, share) * BAR_CHARACTERS);
  return `[${'='.repeat(full)}${' '.repeat(BAR_CHARACTERS - full)}]`;
};

/** A bar on a terminal, plain lines otherwise; on standard error. */
export const createProgress = (durationMs: number, requests: number): ProgressDisplay => {
  const { stderr } = process;
  let nextLineAtMs = 0;
  return {
    show: ({ elapsedMs, acknowledged, answered, disturbances, resting }) => {
      const seconds = Math.round(elapsedMs / 1000);
      const waitsFor = resting ? '; waiting until all are answered and every lane is empty' : '';
      const text = `${seconds}s, ${disturbances} disturbances, ${acknowledged} of ${requests} acknowledged, ${answered} answered${waitsFor}`;
      if (stderr.isTTY) stderr.write(`\r\u001b[K${bar(elapsedMs / durationMs)} ${text}`);
      else if (elapsedMs >= nextLineAtMs) {
        nextLineAtMs = elapsedMs + LINE_EVERY_MS;
        stderr.write(`chaos: ${text}\n`);
      }
    },
    end: () => {
      if (stderr.isTTY) stderr.write('\r\u001b[K');
    },
  };
};
