import { fork, type ChildProcess as NodeProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../functions/runtime/environment.ts';
import type { ChildProcess } from './supervise.ts';

export interface ForkedProgram<Request, Reply> extends ChildProcess {
  send(request: Request): void;
  onReply(listener: (reply: Reply) => void): void;
}

/** As source beside this file; as published, in a folder beside the command's. */
const programPath = (name: string): string => {
  const source = join(__dirname, `${name}.ts`);
  return existsSync(source) ? source : join(__dirname, '..', 'local', `${name}.js`);
};

const endOf = (child: NodeProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`));
    child.once('error', (error) => resolve(error.message));
  });

/**
 * Runs a program of this folder in a process of its own, in the group of this one. It hears of what is asked by
 * messages, and ends when the connection does, however this process dies.
 */
export const forkProgram = <Request extends object | string, Reply>(
  name: string,
  env: Environment,
): ForkedProgram<Request, Reply> => {
  const child = fork(programPath(name), [], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = endOf(child);
  // Messages to a process that has just died; its end is told by `ended`.
  child.on('error', () => {});
  return {
    pid: child.pid ?? 0,
    ended,
    send: (request) => {
      if (child.connected) child.send(request, () => {});
    },
    onReply: (listener) => {
      child.on('message', (reply) => listener(reply as Reply));
    },
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
};
