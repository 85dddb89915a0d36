import type { Environment } from '../functions/runtime/environment.ts';
import type { CloudProcessReply, CloudProcessRequest } from './cloud-process.ts';
import { forkProgram } from './fork-program.ts';
import type { ChildProcess } from './supervise.ts';
import { UserError } from './user-error.ts';

export interface CloudProcess extends ChildProcess {
  readonly endpoints: { readonly cloud?: string; readonly bedrock?: string };
}

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
  if (reply.code === 'DAMAGED_MESSAGE_LOG' || reply.code === 'DAMAGED_DATA')
    return new UserError(reply.message);
  return new Error(`${NAME_OF[reply.service]} did not start: ${reply.message}`);
};

/** Runs the cloud, the simulator or both in a process of their own, so that functions and services share no CPU. */
export const forkCloud = async (request: CloudProcessRequest, env: Environment): Promise<CloudProcess> => {
  const program = forkProgram<CloudProcessRequest | 'stop', CloudProcessReply>('cloud-process', env);
  const reply = await new Promise<CloudProcessReply>((resolve, reject) => {
    program.onReply(resolve);
    void program.ended.then((reason) =>
      reject(new Error(`the embedded cloud ended at its start (${reason})`)),
    );
    program.send(request);
  });
  const stop = async (): Promise<void> => {
    program.send('stop');
    await program.ended;
  };
  if (reply.kind === 'failed') {
    await stop();
    throw toError(reply);
  }
  const { kind: _, ...endpoints } = reply;
  return { pid: program.pid, ended: program.ended, stop, endpoints };
};
