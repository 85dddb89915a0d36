import type { SQSClient } from '@aws-sdk/client-sqs';
import { createDoors } from '../functions/doors/handler.ts';
import type { Host } from '../functions/runtime/compose.ts';
import type { Door } from '../functions/runtime/http-handler.ts';
import { createProcessCompletions } from '../shared/adapters/process-completions.ts';
import { FUNCTIONS, type FunctionName, type ServiceName } from '../shared/contract/functions.ts';
import type { CreatedQueue } from './create-resources.ts';
import type { HttpFunction } from './lambda/http-gateway.ts';
import { createLocalFunction, type HttpEventHandler, toldBy } from './local-function.ts';

/** All functions, wherever they run. */
export interface LocalFunctions {
  /** Behind the HTTP API. */
  readonly http: Readonly<Record<'ingestion' | 'query', HttpFunction>>;
  /** Of SDKs, kept open until an answer. */
  readonly doors: Door;
  /** Begins to invoke the functions that queues invoke. */
  startMappings(): void;
  /** Queues invoke nothing any more; drains put back what waits, finish what is in flight, and end. */
  stopMappings(): Promise<void>;
  /** Ends the functions themselves, once no door leads to them. */
  close(): Promise<void>;
}

export interface LocalFunctionsOptions {
  readonly host: (name: ServiceName) => Host;
  readonly sqs: SQSClient;
  readonly queues: Readonly<Record<string, CreatedQueue>>;
  readonly region: string;
  readonly poolCount: number;
  readonly onError: (name: FunctionName, error: unknown) => void;
}

/** What one process gets through well; a waiting read costs next to nothing, so reads have no limit. */
const AT_ONCE: Partial<Readonly<Record<FunctionName, number>>> = { ingestion: 100 };

export const toHttpFunction = (name: FunctionName, handler: HttpEventHandler | undefined): HttpFunction => {
  if (handler === undefined) throw new Error(`the function ${name} takes no events of the HTTP API`);
  const { timeoutSeconds, memoryMb } = FUNCTIONS[name];
  const atOnce = AT_ONCE[name];
  return { handler, timeoutSeconds, memoryMb, ...(atOnce === undefined ? {} : { atOnce }) };
};

/** All functions in this process. */
export const createLocalFunctions = (options: LocalFunctionsOptions): LocalFunctions => {
  const completions = createProcessCompletions();
  const create = (name: FunctionName) =>
    createLocalFunction(name, {
      ...options,
      host: { ...options.host(name), completions },
      onError: (error) => options.onError(name, error),
    });
  const [ingestion, query] = [create('ingestion'), create('query')];
  const all = [ingestion, create('prioritization'), create('splitter'), create('reconciler'), query];
  const { subscribers, callbacks } = toldBy(options.queues);
  if (subscribers || callbacks) all.push(create('notification'));
  return {
    http: {
      ingestion: toHttpFunction('ingestion', ingestion.http),
      query: toHttpFunction('query', query.http),
    },
    doors: createDoors({ ...options.host('doors'), completions }),
    startMappings: () => {
      for (const each of all) each.startMappings();
    },
    stopMappings: async () => {
      await Promise.all(all.map((each) => each.stop()));
    },
    close: async () => {},
  };
};
