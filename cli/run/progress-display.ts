import type { Palette } from '../colour.ts';
import { renderLive, renderProgress } from './render-progress.ts';
import type { RunFigures } from './run-figures.ts';

export interface ProgressDisplay {
  show(figures: RunFigures): void;
  /** A sentence that stays, above the line that is drawn over. */
  say(text: string): void;
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

const CLEAR_LINE = '\r\u001b[2K';

const liveDisplay = ({ stream, palette }: DisplayOptions): ProgressDisplay => {
  let line = '';
  const draw = (): void => {
    stream.write(`${CLEAR_LINE}${line}`);
  };
  return {
    show: (figures) => {
      line = renderLive(figures, palette, stream.columns ?? 80);
      draw();
    },
    say: (text) => {
      stream.write(`${CLEAR_LINE}${text}\n`);
      if (line !== '') draw();
    },
    close: () => {
      if (line !== '') stream.write('\n');
      line = '';
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
    close: () => {},
  };
};

/** One line that is drawn over on a terminal, a plain line now and then elsewhere. */
export const createDisplay = (options: DisplayOptions): ProgressDisplay =>
  options.stream.isTTY === true ? liveDisplay(options) : plainDisplay(options);
