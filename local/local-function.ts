import type { SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { createHandler as createIngestion } from '../functions/ingestion/handler.ts';
import { createHandler as createPrioritization } from '../functions/prioritization/handler.ts';
import { createHandler as createQuery } from '../functions/query/handler.ts';
import type { Host } from '../functions/runtime/compose.ts';
import { createHandler as createSplitter } from '../functions/splitter/handler.ts';
import { FUNCTIONS, type FunctionName, mappingsOf } from '../shared/contract/functions.ts';
import type { CreatedQueue } from './create-resources.ts';
import { type EventSourceMapping, startEventSourceMapping } from './lambda/event-source-mapping.ts';
import type { EventSourceMappingOptions } from './lambda/event-source-mapping-options.ts';

export type HttpEventHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<unknown>;

/** One function at work in this process. */
export interface LocalFunction {
  /** For events of the HTTP API, where it takes them. */
  readonly http: HttpEventHandler | undefined;
  /** Begins to invoke it for the queues that it is mapped to; once begun, does nothing. */
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

interface Handlers {
  readonly http?: HttpEventHandler;
  readonly queue?: QueueHandler;
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
  query: (host) => ({ http: createQuery(host) }),
};

const startMappings = (
  name: FunctionName,
  handler: QueueHandler | undefined,
  options: LocalFunctionOptions,
): EventSourceMapping[] =>
  mappingsOf(options.poolCount)
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
  const { http, queue } = handlersOf[name](options.host, () => stopping);
  const mappings: EventSourceMapping[] = [];
  return {
    http,
    startMappings: () => {
      if (mappings.length > 0) return;
      mappings.push(...startMappings(name, queue, options));
    },
    stop: async () => {
      stopping = true;
      await Promise.all(mappings.map((mapping) => mapping.stop()));
    },
  };
};
