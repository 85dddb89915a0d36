import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { ReadyLine } from '../../local/ready-line.ts';
import { PROJECT_ROOT, type SmootherProcess, startSmoother } from '../end-to-end/smoother-process.ts';
import type { Role } from './schedule.ts';

/** The local system under test, which the tester may hurt. */
export interface System {
  readonly ready: ReadyLine;
  /** Nothing when that part is away. */
  pidOf(role: Role): Promise<number | undefined>;
  signal(role: Role, signal: NodeJS.Signals): Promise<number | undefined>;
  /** The time of day of a process is off by so much from now on. */
  shiftClock(pid: number, byMs: number): Promise<void>;
  /** Kills the parent, and starts everything again on the same data and at the same addresses. */
  killParent(): Promise<void>;
  /** Parts that ended though nobody killed them. */
  unexpectedEnds(): readonly string[];
  stop(): Promise<void>;
}

export interface SystemOptions {
  readonly dataDir: string;
  readonly args: readonly string[];
}

const SKEWED_CLOCK = pathToFileURL(join(PROJECT_ROOT, 'test/chaos/skewed-clock.mjs')).href;

const START_TRIES = 20;
const LOOK_MS = 100;

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const portOf = (url: string): string => new URL(url).port;

const portsOf = ({ api, endpoints }: ReadyLine): string[] => [
  ...['--port', portOf(api)],
  ...['--cloud-port', portOf(endpoints.sqs)],
  ...['--simulator-port', portOf(endpoints.bedrockRuntime)],
];

/** A port or a lock may still be in the hands of one that is about to die. */
const startStubbornly = async (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<SmootherProcess> => {
  for (let tries = 1; ; tries++) {
    try {
      return await startSmoother({ args, env });
    } catch (error) {
      if (tries >= START_TRIES) throw error;
      await sleep(500);
    }
  }
};

const endsIn = (stderr: readonly string[], killed: ReadonlySet<number>): readonly string[] =>
  stderr.filter((line) => {
    const pid = Number(/process (\d+) ended by itself/.exec(line)?.[1]);
    return pid > 0 && !killed.has(pid);
  });

export const startSystem = async ({ dataDir, args }: SystemOptions): Promise<System> => {
  const all = ['--data', dataDir, '--processes', 'split', '--drains', '2', ...args];
  const clocks = join(dataDir, '..', 'clocks.json');
  const env = { CHAOS_CLOCKS: clocks, NODE_OPTIONS: `--import ${SKEWED_CLOCK}` };
  let current = await startStubbornly(all, env);
  const { ready } = current;
  const killed = new Set<number>();
  const offBy: Record<number, number> = {};
  const said: (readonly string[])[] = [current.stderrLines];

  const pidOf = async (role: Role): Promise<number | undefined> => {
    const pids = JSON.parse(await readFile(join(dataDir, 'processes.json'), 'utf8')) as Record<
      string,
      number
    >;
    const pid = pids[role];
    return pid !== undefined && isAlive(pid) ? pid : undefined;
  };

  return {
    ready,
    pidOf,
    signal: async (role, signal) => {
      const pid = await pidOf(role);
      if (pid === undefined) return undefined;
      if (signal === 'SIGKILL') killed.add(pid);
      process.kill(pid, signal);
      return pid;
    },
    shiftClock: async (pid, byMs) => {
      offBy[pid] = byMs;
      await writeFile(clocks, JSON.stringify(offBy));
    },
    killParent: async () => {
      const { pid } = current.ready;
      // What holds a port or the cloud's data must see that its parent is gone; a drain may sleep through it.
      for (const role of ['cloud', 'simulator'] as const) {
        const holder = await pidOf(role);
        if (holder !== undefined) process.kill(holder, 'SIGCONT');
      }
      process.kill(pid, 'SIGKILL');
      while (isAlive(pid)) await sleep(LOOK_MS);
      current = await startStubbornly([...all, ...portsOf(ready)], env);
      said.push(current.stderrLines);
    },
    unexpectedEnds: () => said.flatMap((lines) => endsIn(lines, killed)),
    stop: async () => {
      current.signal('SIGTERM');
      const patience = sleep(60_000, undefined, { ref: false }).then(() => current.signal('SIGKILL'));
      await Promise.race([current.ended(), patience]);
    },
  };
};
