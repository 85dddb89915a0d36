import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { ReadyLine } from '../../local/ready-line.ts';

export const PROJECT_ROOT = `${__dirname}/../..`;
/** By its path, since the command may run in any folder. */
const TSX = pathToFileURL(require.resolve('tsx')).href;

export interface Exit {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SmootherProcess {
  readonly ready: ReadyLine;
  /** Every line that ever came on standard output. */
  readonly stdoutLines: readonly string[];
  readonly stderrLines: readonly string[];
  signal(name: NodeJS.Signals): void;
  ended(): Promise<Exit>;
}

export interface SmootherOptions {
  /** A built command; by default the source. */
  readonly program?: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const SOURCE = ['--import', TSX, `${PROJECT_ROOT}/cli/smoother.ts`];

const launch = ({ program, args, env, cwd }: SmootherOptions): ChildProcess =>
  spawn(process.execPath, [...(program === undefined ? SOURCE : [program]), ...args], {
    cwd: cwd ?? PROJECT_ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

const gather = (
  child: ChildProcess,
): { readonly lines: string[]; readonly errors: string[]; ended(): Promise<Exit> } => {
  const lines: string[] = [];
  const errors: string[] = [];
  if (child.stdout === null || child.stderr === null) throw new Error('the child has no output');
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  const closed = once(child, 'close') as Promise<[number | null]>;
  return {
    lines,
    errors,
    ended: async () => {
      const [code] = await closed;
      return { code, stdout: lines.join('\n'), stderr: errors.join('\n') };
    },
  };
};

/** Runs the command to its end. */
export const runSmoother = (options: SmootherOptions): Promise<Exit> => gather(launch(options)).ended();

/** Starts the pipeline on free ports and waits for its ready line. */
export const startSmoother = async (options: SmootherOptions): Promise<SmootherProcess> => {
  const child = launch({ ...options, args: ['start', '--json', '--port', '0', ...options.args] });
  const { lines, errors, ended } = gather(child);
  const first = await new Promise<string>((resolve, reject) => {
    if (child.stdout === null) return reject(new Error('the child has no output'));
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('close', (code) => reject(new Error(`smoother ended with ${code}: ${errors.join('\n')}`)));
  });
  return {
    ready: JSON.parse(first) as ReadyLine,
    stdoutLines: lines,
    stderrLines: errors,
    signal: (name) => {
      child.kill(name);
    },
    ended,
  };
};
