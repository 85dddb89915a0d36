import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { PROJECT_ROOT } from './smoother-process.ts';

const TSX = pathToFileURL(require.resolve('tsx')).href;

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** The command as a user runs it, in a folder of the user’s own. */
export const launchCommand = (
  args: readonly string[],
  {
    cwd,
    env = {},
    input,
  }: {
    readonly cwd: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly input?: string;
  },
): RunningCommand => {
  const child = spawn(process.execPath, ['--import', TSX, `${PROJECT_ROOT}/cli/smoother.ts`, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(input ?? '');
  const closed = once(child, 'close');
  const ended = Promise.all([text(child.stdout), text(child.stderr), closed]).then(
    ([stdout, stderr, [code]]) => ({ code: code as number | null, stdout, stderr }),
  );
  return { child, ended };
};

export const linesOf = (path: string): readonly string[] =>
  existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];

/** Until a file has so many lines; fails when the command ends before. */
export const untilLines = async (path: string, count: number, { ended }: RunningCommand): Promise<void> => {
  const stop = new AbortController();
  const failed = ended.then(({ code, stderr }) => {
    if (!stop.signal.aborted) throw new Error(`the command ended with ${code}: ${stderr}`);
  });
  const grown = (async () => {
    const changes = watch(dirname(path), { signal: stop.signal });
    if (linesOf(path).length >= count) return;
    for await (const _ of changes) if (linesOf(path).length >= count) return;
  })();
  try {
    await Promise.race([grown, failed]);
  } finally {
    // A watch that nobody ends keeps the process of the test alive.
    stop.abort();
    await grown.catch(() => {});
  }
};
