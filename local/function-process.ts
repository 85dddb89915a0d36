import { createSqsClient } from '../functions/runtime/compose-clients.ts';
import { processEnvironment, silenceSdkNodeWarning } from '../functions/runtime/environment.ts';
import { FUNCTIONS } from '../shared/contract/functions.ts';
import { lockDrain } from './drain-lock.ts';
import { functionFailed } from './function-logs.ts';
import type { FunctionReply, FunctionRequest, FunctionSetup } from './function-messages.ts';
import { defaultAccountId } from './lambda/http-gateway.ts';
import { invokeFunction } from './lambda/invoke.ts';
import { createLocalFunction, type LocalFunction } from './local-function.ts';
import { type LogFile, openLogFile } from './log-file.ts';

type Invoke = Extract<FunctionRequest, { kind: 'invoke' }>;

/** A function at work in this process, and how it is invoked from the parent. */
interface Serving {
  readonly local: LocalFunction;
  readonly log: LogFile;
  invoke(request: Invoke): Promise<void>;
}

const reply = (message: FunctionReply): void => {
  process.send?.(message);
};

const serve = async (setup: FunctionSetup): Promise<Serving> => {
  const { name, addresses, region, queues, poolCount } = setup;
  const log = openLogFile(setup.logs, name);
  if (setup.drain !== undefined) await lockDrain(setup.drain.dataDir, setup.drain.name);
  const local = createLocalFunction(name, {
    host: { env: processEnvironment(), addresses, writeLine: log.writeLine },
    sqs: createSqsClient(region, addresses.sqs),
    queues,
    region,
    poolCount,
    onError: (error) => log.writeLine(functionFailed(name, error)),
  });
  const spec = { name, ...FUNCTIONS[name], region, accountId: defaultAccountId };
  return {
    local,
    log,
    invoke: async ({ id, event }) => {
      if (local.http === undefined) throw new Error(`the function ${name} takes no events of the HTTP API`);
      const outcome = await invokeFunction({ handler: local.http, event, spec });
      if (outcome.kind === 'returned') reply({ kind: 'returned', id, value: outcome.value });
      else
        reply({
          kind: 'threw',
          id,
          message: outcome.kind === 'threw' ? String(outcome.error) : `${name} timed out`,
        });
    },
  };
};

let serving: Serving | undefined;

silenceSdkNodeWarning();
// A signal to the whole group is the parent's to handle: it asks for an orderly end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
// The parent is gone, or has no more use for this. What is under way comes again, as after the end of any Lambda.
process.once('disconnect', () => {
  void Promise.resolve(serving?.log.close()).finally(() => process.exit(0));
});

const handle = async (request: FunctionRequest): Promise<void> => {
  switch (request.kind) {
    case 'start':
      serving = await serve(request.setup);
      return reply({ kind: 'ready' });
    case 'invoke':
      return serving?.invoke(request);
    case 'start_mappings':
      return serving?.local.startMappings();
    case 'stop_mappings':
      await serving?.local.stop();
      return reply({ kind: 'mappings_stopped' });
  }
};

process.on('message', (request: FunctionRequest) => {
  handle(request).catch((error: unknown) => reply({ kind: 'failed', message: (error as Error).message }));
});
