import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { Truth } from '../../../local/bedrock/truth.ts';
import { PROJECT_ROOT } from '../../end-to-end/smoother-process.ts';
import { BURNDOWN, BURST_SECONDS, FIRST_TOKEN_MS, TOKENS_PER_SECOND } from './load.ts';

export const MODEL_ID = 'bench-model';

/** A program of ours in a process of its own, ready when it has said so. */
export interface Program {
  readonly endpoint: string;
  stop(): Promise<void>;
}

const firstLine = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    if (child.stdout === null) return reject(new Error('the child has no output'));
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('close', (code) => reject(new Error(`it ended with ${code} before it was ready`)));
  });

const TSX = pathToFileURL(require.resolve('tsx')).href;

export const startProgram = async (path: string, args: readonly string[]): Promise<Program> => {
  const child = spawn(process.execPath, ['--import', TSX, `${PROJECT_ROOT}/${path}`, '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { endpoint } = JSON.parse(await firstLine(child)) as { readonly endpoint: string };
  return {
    endpoint,
    stop: async () => {
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      await closed;
    },
  };
};

export const startSimulator = (tokensPerMinute: number): Promise<Program> =>
  startProgram('local/bedrock/main.ts', [
    '--port',
    '0',
    '--model',
    [
      MODEL_ID,
      `tokensPerMinute=${tokensPerMinute}`,
      `burndown=${BURNDOWN}`,
      `burstSeconds=${BURST_SECONDS}`,
      `ttftMs=${FIRST_TOKEN_MS}`,
      `outputTokensPerSecond=${TOKENS_PER_SECOND}`,
    ].join(','),
  ]);

export const truthAt = async (endpoint: string): Promise<Truth> =>
  (await (await fetch(`${endpoint}/_sim/truth?calls=1`)).json()) as Truth;
