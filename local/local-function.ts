import type { SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { createHandler as createIngestion } from '../functions/ingestion/handler.ts';
import { createHandler as createNotification } from '../functions/notification/handler.ts';
import { createHandler as createPrioritization } from '../functions/prioritization/handler.ts';
import { createHandler as createQuery } from '../functions/query/handler.ts';
import { createHandler as createReconciler } from '../functions/reconciler/handler.ts';
import type { Host } from '../functions/runtime/compose.ts';
import { createHandler as createSplitter } from '../functions/splitter/handler.ts';
import {
  FUNCTIONS,
  type FunctionName,
  mappingsOf,
  SCHEDULES,
  type Telling,
} from '../shared/contract/functions.ts';
import { QUEUES } from '../shared/contract/names.ts';
import type { CreatedQueue } from './create-resources.ts';
import { type EventSourceMapping, startEventSourceMapping } from './lambda/event-source-mapping.ts';
import type { EventSourceMappingOptions } from './lambda/event-source-mapping-options.ts';
import { defaultAccountId } from './lambda/http-gateway.ts';
import { type FunctionHandler, invokeFunction } from './lambda/invoke.ts';
import { type Schedule, startSchedule } from './lambda/schedule.ts';

export type HttpEventHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<unknown>;

/** One function at work in this process. */
export interface LocalFunction {
  /** For events of the HTTP API, where it takes them. */
  readonly http: HttpEventHandler | undefined;
  /** Begins to invoke it for the queues that it is mapped to, and by the clock; once begun, does nothing. */
  startMappings(): void;
  /** Drains put back what waits, finish what is in flight, and end. */
  stop(): Promise<void>;
}

export interface LocalFunctionOptions {
  readonly host: Host;
  readonly sqs: SQSClient;
  readonly queues: Readonly<Record<string, CreatedQueue>>;
  readonly region: string;
  readonly poolCount: number;
  readonly onError: (error: unknown) => void;
}

type QueueHandler = EventSourceMappingOptions['handler'];

type ClockHandler = FunctionHandler<unknown, unknown>;

interface Handlers {
  readonly http?: HttpEventHandler;
  readonly queue?: QueueHandler;
  readonly clock?: ClockHandler;
}

/** A function that works for minutes sees its Lambda as about to end when this process is: it hands back what it holds. */
const endingWith =
  (stopping: () => boolean, handler: QueueHandler): QueueHandler =>
  (event, context: Context) =>
    handler(event, {
      ...context,
      getRemainingTimeInMillis: () => (stopping() ? 0 : context.getRemainingTimeInMillis()),
    });

const handlersOf: Readonly<Record<FunctionName, (host: Host, stopping: () => boolean) => Handlers>> = {
  ingestion: (host) => {
    const ingestion = createIngestion(host);
    return {
      http: ingestion,
      queue: async (event, context) => {
        const response = await ingestion(event, context);
        if (typeof response === 'object' && 'batchItemFailures' in response) return response;
        throw new Error('the ingestion function answered a queue as if it were HTTP');
      },
    };
  },
  prioritization: (host, stopping) => ({ queue: endingWith(stopping, createPrioritization(host)) }),
  splitter: (host, stopping) => ({ queue: endingWith(stopping, createSplitter(host)) }),
  notification: (host) => ({ queue: createNotification(host) }),
  query: (host) => ({ http: createQuery(host) }),
  reconciler: (host) => ({ clock: createReconciler(host) }),
};

const invokeByClock = async (
  name: FunctionName,
  handler: ClockHandler,
  { region }: LocalFunctionOptions,
): Promise<void> => {
  const spec = { name, ...FUNCTIONS[name], region, accountId: defaultAccountId };
  const outcome = await invokeFunction({ handler, event: {}, spec });
  if (outcome.kind === 'threw') throw outcome.error;
  if (outcome.kind === 'timed_out') throw new Error(`the function ${name} timed out`);
};

const startSchedules = (
  name: FunctionName,
  handler: ClockHandler | undefined,
  options: LocalFunctionOptions,
): Schedule[] =>
  SCHEDULES.filter((schedule) => schedule.function === name).map(({ everyHours }) => {
    if (handler === undefined) throw new Error(`no handler for the schedule of ${name}`);
    return startSchedule({
      everySeconds: everyHours * 3600,
      callback: () => invokeByClock(name, handler, options),
      onError: options.onError,
    });
  });

/** Queues exist only where the settings have somebody told. */
export const toldBy = (queues: LocalFunctionOptions['queues']): Telling => ({
  subscribers: QUEUES.events in queues,
  callbacks: QUEUES.webhooks in queues,
});

const startMappings = (
  name: FunctionName,
  handler: QueueHandler | undefined,
  options: LocalFunctionOptions,
): EventSourceMapping[] =>
  mappingsOf(options.poolCount, toldBy(options.queues))
    .filter((mapping) => mapping.function === name)
    .map((mapping) => {
      const queue = options.queues[mapping.queue];
      if (queue === undefined || handler === undefined)
        throw new Error(`no queue or handler for the mapping of ${mapping.queue}`);
      return startEventSourceMapping({
        sqs: options.sqs,
        queueUrl: queue.url,
        queueArn: queue.arn,
        region: options.region,
        functionName: name,
        functionTimeoutSeconds: FUNCTIONS[name].timeoutSeconds,
        functionMemoryMb: FUNCTIONS[name].memoryMb,
        batchSize: mapping.batchSize,
        maximumConcurrency: mapping.maximumConcurrency,
        reportBatchItemFailures: true,
        handler,
        onError: options.onError,
      });
    });

export const createLocalFunction = (name: FunctionName, options: LocalFunctionOptions): LocalFunction => {
  let stopping = false;
  const { http, queue, clock } = handlersOf[name](options.host, () => stopping);
  const started: (EventSourceMapping | Schedule)[] = [];
  return {
    http,
    startMappings: () => {
      if (started.length > 0) return;
      started.push(...startMappings(name, queue, options), ...startSchedules(name, clock, options));
    },
    stop: async () => {
      stopping = true;
      await Promise.all(started.map((each) => each.stop()));
    },
  };
};
