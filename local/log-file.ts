import { createWriteStream, existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface LogFile {
  writeLine(line: string): void;
  close(): Promise<void>;
}

/** At a start, a larger file makes room and is kept once more as `.1`. */
const ROTATE_ABOVE_BYTES = 50 * 1024 * 1024;

/** Logs and metrics of one function, one JSON object a line, as CloudWatch would get them. */
export const openLogFile = (folder: string, name: string): LogFile => {
  const path = join(folder, `${name}.jsonl`);
  if (existsSync(path) && statSync(path).size > ROTATE_ABOVE_BYTES) renameSync(path, `${path}.1`);
  const stream = createWriteStream(path, { flags: 'a' });
  let broken = false;
  stream.on('error', (error) => {
    if (!broken) process.stderr.write(`smoother: the log ${path} cannot be written: ${error.message}\n`);
    broken = true;
  });
  return {
    writeLine: (line) => {
      if (!broken) stream.write(`${line}\n`);
    },
    close: () => new Promise((done) => stream.end(() => done())),
  };
};
