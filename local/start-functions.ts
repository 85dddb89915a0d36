import type { SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { createHandler as createIngestion } from '../functions/ingestion/handler.ts';
import { createHandler as createPrioritization } from '../functions/prioritization/handler.ts';
import { createHandler as createQuery } from '../functions/query/handler.ts';
import type { Host } from '../functions/runtime/compose.ts';
import { FUNCTIONS, type FunctionName, mappingsOf } from '../shared/contract/functions.ts';
import type { CreatedQueue } from './create-resources.ts';
import { type EventSourceMapping, startEventSourceMapping } from './lambda/event-source-mapping.ts';
import type { EventSourceMappingOptions } from './lambda/event-source-mapping-options.ts';
import type { HttpFunction } from './lambda/http-gateway.ts';

export interface LocalFunctions {
  /** Behind the HTTP API. */
  readonly http: Readonly<Record<'ingestion' | 'query', HttpFunction>>;
  /** Begins to invoke the functions that queues invoke. */
  startMappings(): void;
  /** Drains put back what waits, finish what is in flight, and end. */
  stop(): Promise<void>;
}

export interface LocalFunctionsOptions {
  readonly host: (name: FunctionName) => Host;
  readonly sqs: SQSClient;
  readonly queues: Readonly<Record<string, CreatedQueue>>;
  readonly region: string;
  readonly poolCount: number;
  readonly onError: (name: FunctionName, error: unknown) => void;
}

type QueueHandler = EventSourceMappingOptions['handler'];

/** A Lambda that is about to end: drains hand back what they hold. */
const withoutTime = (context: Context): Context => ({ ...context, getRemainingTimeInMillis: () => 0 });

export const createLocalFunctions = (options: LocalFunctionsOptions): LocalFunctions => {
  const ingestion = createIngestion(options.host('ingestion'));
  const query = createQuery(options.host('query'));
  const prioritization = createPrioritization(options.host('prioritization'));
  let stopping = false;
  const mappings: EventSourceMapping[] = [];

  const handlers: Readonly<Record<FunctionName, QueueHandler | undefined>> = {
    ingestion: async (event, context) => {
      const response = await ingestion(event, context);
      if (typeof response === 'object' && 'batchItemFailures' in response) return response;
      throw new Error('the ingestion function answered a queue as if it were HTTP');
    },
    prioritization: (event, context) =>
      prioritization(event, {
        ...context,
        getRemainingTimeInMillis: () =>
          (stopping ? withoutTime(context) : context).getRemainingTimeInMillis(),
      }),
    query: undefined,
  };

  const httpFunction = (
    name: 'ingestion' | 'query',
    handler: (event: APIGatewayProxyEventV2, context: Context) => Promise<unknown>,
  ): HttpFunction => ({
    handler,
    timeoutSeconds: FUNCTIONS[name].timeoutSeconds,
    memoryMb: FUNCTIONS[name].memoryMb,
  });

  return {
    http: { ingestion: httpFunction('ingestion', ingestion), query: httpFunction('query', query) },
    startMappings: () => {
      for (const mapping of mappingsOf(options.poolCount)) {
        const queue = options.queues[mapping.queue];
        const handler = handlers[mapping.function];
        if (queue === undefined || handler === undefined)
          throw new Error(`no queue or handler for the mapping of ${mapping.queue}`);
        mappings.push(
          startEventSourceMapping({
            sqs: options.sqs,
            queueUrl: queue.url,
            queueArn: queue.arn,
            region: options.region,
            functionName: mapping.function,
            functionTimeoutSeconds: FUNCTIONS[mapping.function].timeoutSeconds,
            functionMemoryMb: FUNCTIONS[mapping.function].memoryMb,
            batchSize: mapping.batchSize,
            maximumConcurrency: mapping.maximumConcurrency,
            reportBatchItemFailures: true,
            handler,
            onError: (error) => options.onError(mapping.function, error),
          }),
        );
      }
    },
    stop: async () => {
      stopping = true;
      await Promise.all(mappings.map((mapping) => mapping.stop()));
    },
  };
};
