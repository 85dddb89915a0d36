import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';

export interface LineLoggerOptions {
  readonly service: string;
  readonly writeLine: (line: string) => void;
  readonly nowMs: () => number;
}

/** A line that knows where it goes, since the logger's own way is the process's standard output. */
class Line extends LogItem {
  readonly #writeLine: (line: string) => void;

  constructor(attributes: LogAttributes, writeLine: (line: string) => void) {
    super({ attributes });
    this.#writeLine = writeLine;
  }

  write(): void {
    this.#writeLine(JSON.stringify(this.getAttributes()));
  }
}

class LineFormatter extends LogFormatter {
  readonly #options: LineLoggerOptions;

  constructor(options: LineLoggerOptions) {
    super();
    this.#options = options;
  }

  formatAttributes({ logLevel, message }: UnformattedAttributes, fields: LogAttributes): Line {
    const { service, writeLine, nowMs } = this.#options;
    const timestamp = new Date(nowMs()).toISOString();
    return new Line(
      { timestamp, level: logLevel.toLowerCase(), service, event: message, ...fields },
      writeLine,
    );
  }
}

class LineLogger extends Logger {
  protected override printLog(_level: number, item: LogItem): void {
    if (!(item instanceof Line)) throw new Error('a log item was not made by the formatter');
    item.write();
  }
}

/**
 * Powertools' logger, each line of it handed to `writeLine`. A level, and no sample rate, are given so that of all its
 * variables only Lambda's own `AWS_LAMBDA_LOG_LEVEL` counts.
 */
export const createLineLogger = (options: LineLoggerOptions): Logger =>
  new LineLogger({
    serviceName: options.service,
    logLevel: 'INFO',
    sampleRateValue: 0,
    logFormatter: new LineFormatter(options),
  });
