import type { Palette } from '../colour.ts';
import { renderLive, renderProgress } from './render-progress.ts';
import type { RunFigures } from './run-figures.ts';

export interface ProgressDisplay {
  show(figures: RunFigures): void;
  /** A sentence that stays, above what is drawn over. */
  say(text: string): void;
  /** Lets others write to the same screen, above what is drawn over. */
  beside(write: () => void): void;
  /** Leaves the screen as a printed line would. */
  close(): void;
}

export interface DisplayOptions {
  readonly stream: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;
  readonly palette: Palette;
  readonly nowMs: () => number;
}

/** A log is read later: a line now and then is enough. */
const PLAIN_EVERY_MS = 10_000;

/** To the first of the lines that were drawn, and nothing below it. */
const clear = (drawn: number): string => `\r${drawn > 1 ? `\u001b[${drawn - 1}A` : ''}\u001b[J`;

const liveDisplay = ({ stream, palette }: DisplayOptions): ProgressDisplay => {
  let lines: readonly string[] = [];
  let drawn = 0;
  const draw = (above: string): void => {
    stream.write(`${clear(drawn)}${above}${lines.join('\n')}`);
    drawn = lines.length;
  };
  return {
    show: (figures) => {
      lines = renderLive(figures, palette, stream.columns ?? 80);
      draw('');
    },
    say: (text) => draw(`${text}\n`),
    beside: (write) => {
      stream.write(clear(drawn));
      drawn = 0;
      write();
      draw('');
    },
    close: () => {
      if (lines.length > 0) stream.write('\n');
      lines = [];
      drawn = 0;
    },
  };
};

const plainDisplay = ({ stream, nowMs }: DisplayOptions): ProgressDisplay => {
  let shownAtMs: number | undefined;
  return {
    show: (figures) => {
      if (shownAtMs !== undefined && nowMs() - shownAtMs < PLAIN_EVERY_MS) return;
      shownAtMs = nowMs();
      stream.write(`${renderProgress(figures)}\n`);
    },
    say: (text) => {
      stream.write(`${text}\n`);
    },
    beside: (write) => write(),
    close: () => {},
  };
};

/** Two lines that are drawn over on a terminal, a plain line now and then elsewhere. */
export const createDisplay = (options: DisplayOptions): ProgressDisplay =>
  options.stream.isTTY === true ? liveDisplay(options) : plainDisplay(options);
