import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../functions/runtime/environment.ts';
import type { CloudProcessReply, CloudProcessRequest } from './cloud-process.ts';
import { UserError } from './user-error.ts';

export interface CloudProcess {
  readonly endpoints: { readonly cloud?: string; readonly bedrock?: string };
  /** Called when it ends though nobody stopped it. */
  onLost(listener: (reason: string) => void): void;
  stop(): Promise<void>;
}

/** As source beside this file; as published, in a folder beside the command's. */
const programPath = (): string => {
  const source = join(__dirname, 'cloud-process.ts');
  return existsSync(source) ? source : join(__dirname, '..', 'local', 'cloud-process.js');
};

const OPTION_OF = { cloud: '--cloud-port', simulator: '--simulator-port' } as const;
const NAME_OF = { cloud: 'the embedded cloud', simulator: 'the Bedrock simulator' } as const;

const toError = (reply: Extract<CloudProcessReply, { kind: 'failed' }>): Error => {
  if (reply.code === 'EADDRINUSE')
    return new UserError(
      `Port ${reply.port} for ${NAME_OF[reply.service]} is taken; choose another with ${OPTION_OF[reply.service]}, or 0 for any free one.`,
    );
  if (reply.code === 'EACCES')
    return new UserError(
      `Port ${reply.port} for ${NAME_OF[reply.service]} may not be used; choose one above 1023 with ${OPTION_OF[reply.service]}.`,
    );
  return new Error(`${NAME_OF[reply.service]} did not start: ${reply.message}`);
};

const firstReply = (child: ChildProcess): Promise<CloudProcessReply> =>
  new Promise((resolve, reject) => {
    child.once('message', (reply: CloudProcessReply) => resolve(reply));
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(`the embedded cloud ended at its start (${signal ?? code})`)),
    );
  });

const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((done) => child.once('exit', () => done()));

/** Runs the cloud and the simulator in a process of their own, so that functions and services do not share a CPU. */
export const forkCloud = async (request: CloudProcessRequest, env: Environment): Promise<CloudProcess> => {
  const child = fork(programPath(), [], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  let stopping = false;
  const stop = async (): Promise<void> => {
    stopping = true;
    if (child.connected) child.disconnect();
    await ended(child);
  };
  const replied = firstReply(child);
  child.send(request);
  const reply = await replied;
  if (reply.kind === 'failed') {
    await stop();
    throw toError(reply);
  }
  const { kind: _, ...endpoints } = reply;
  return {
    endpoints,
    onLost: (listener) => {
      child.once('exit', (code, signal) => {
        if (!stopping) listener(String(signal ?? code));
      });
    },
    stop,
  };
};
