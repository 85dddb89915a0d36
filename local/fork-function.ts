import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Environment } from '../functions/runtime/environment.ts';
import { type ForkedProgram, forkProgram } from './fork-program.ts';
import type { FunctionReply, FunctionRequest, FunctionSetup } from './function-messages.ts';
import type { ChildProcess } from './supervise.ts';

export interface FunctionProcess extends ChildProcess {
  invoke(event: APIGatewayProxyEventV2): Promise<unknown>;
  startMappings(): void;
  stopMappings(): Promise<void>;
}

type Program = ForkedProgram<FunctionRequest, FunctionReply>;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

const replyOfKind = (program: Program, kind: FunctionReply['kind']): Promise<void> =>
  new Promise((resolve) => {
    program.onReply((reply) => {
      if (reply.kind === kind) resolve();
    });
  });

const started = (program: Program, setup: FunctionSetup): Promise<void> =>
  new Promise((resolve, reject) => {
    void program.ended.then((reason) => reject(new Error(`it ended at its start (${reason})`)));
    program.onReply((reply) => {
      if (reply.kind === 'ready') resolve();
      if (reply.kind === 'failed') reject(new Error(reply.message));
    });
    program.send({ kind: 'start', setup });
  });

/** Invocations under way: each is answered by the process, or fails with its end. */
const createInvoker = (program: Program, name: string): FunctionProcess['invoke'] => {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let end: string | undefined;
  program.onReply((reply) => {
    if (reply.kind !== 'returned' && reply.kind !== 'threw') return;
    const invocation = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.kind === 'returned') invocation?.resolve(reply.value);
    else invocation?.reject(new Error(reply.message));
  });
  void program.ended.then((reason) => {
    end = reason;
    for (const { reject } of waiting.values()) reject(new Error(`the ${name} process ended (${reason})`));
    waiting.clear();
  });
  return (event) =>
    new Promise((resolve, reject) => {
      if (end !== undefined) return reject(new Error(`the ${name} process has ended (${end})`));
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      program.send({ kind: 'invoke', id: lastId, event });
    });
};

/** Runs one function in a process of its own. */
export const forkFunction = async (setup: FunctionSetup, env: Environment): Promise<FunctionProcess> => {
  const program: Program = forkProgram('function-process', env);
  try {
    await started(program, setup);
  } catch (error) {
    await program.stop();
    throw error;
  }
  return {
    pid: program.pid,
    ended: program.ended,
    stop: program.stop,
    invoke: createInvoker(program, setup.name),
    startMappings: () => program.send({ kind: 'start_mappings' }),
    stopMappings: async () => {
      const stopped = replyOfKind(program, 'mappings_stopped');
      program.send({ kind: 'stop_mappings' });
      await Promise.race([stopped, program.ended]);
    },
  };
};
