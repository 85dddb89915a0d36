import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';

export interface EventSourceMappingOptions {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly region: string;
  readonly functionName: string;
  readonly functionTimeoutSeconds: number;
  /** What `context.memoryLimitInMB` says; nothing is enforced. Default 1,024. */
  readonly functionMemoryMb?: number;
  readonly batchSize: number;
  /** Default 0: a batch is what one receive brings. */
  readonly batchingWindowSeconds?: number;
  readonly maximumConcurrency: number;
  readonly reportBatchItemFailures: boolean;
  // biome-ignore lint/suspicious/noConfusingVoidType: a handler that reports nothing is typed as void by AWS too
  readonly handler: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse | void>;
  /** Function errors and polling errors, for a log. */
  readonly onError?: (error: unknown) => void;
}

export const defaultBatchingWindowSeconds = 0;
export const defaultFunctionMemoryMb = 1024;

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html, timeout and memory from CreateFunction. */
export const limits = {
  functionTimeoutSeconds: { min: 1, max: 900 },
  functionMemoryMb: { min: 128, max: 10_240 },
  batchSize: { min: 1, max: 10_000 },
  batchingWindowSeconds: { min: 0, max: 300 },
  maximumConcurrency: { min: 2, max: 1000 },
} as const;

const patterns = {
  queueUrl: {
    pattern: /^https?:\/\/\S+(?<!\.fifo)$/,
    allowed: 'the http or https URL of a standard queue (FIFO queues are not implemented here)',
  },
  queueArn: {
    pattern: /^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,80}$/,
    allowed: 'the ARN of a standard queue (FIFO queues are not implemented here)',
  },
  region: { pattern: /^[a-z]{2}(-[a-z]+)+-\d+$/, allowed: 'a region name such as us-east-1' },
  functionName: { pattern: /^[A-Za-z0-9_-]{1,64}$/, allowed: '1 to 64 letters, digits, "-" or "_"' },
} as const;

const mostMessagesWithoutWindow = 10;

/** Throws one error that names every fault. */
export function validateEventSourceMappingOptions(options: EventSourceMappingOptions): void {
  const faults = [
    ...rangeFaults(options),
    ...patternFaults(options),
    ...windowFaults(options),
    ...handlerFaults(options),
  ];
  if (faults.length > 0) {
    throw new RangeError(`event source mapping of ${options.functionName}: ${faults.join('; ')}`);
  }
}

function rangeFaults(options: EventSourceMappingOptions): string[] {
  return namesOf(limits).flatMap((name) => {
    const value = options[name];
    const { min, max } = limits[name];
    if (value === undefined) return [];
    if (Number.isInteger(value) && value >= min && value <= max) return [];
    return [`${name} is ${value}, but must be a whole number from ${min} to ${max}`];
  });
}

function patternFaults(options: EventSourceMappingOptions): string[] {
  return namesOf(patterns).flatMap((name) => {
    const { pattern, allowed } = patterns[name];
    return pattern.test(options[name]) ? [] : [`${name} is "${options[name]}", but must be ${allowed}`];
  });
}

function windowFaults(options: EventSourceMappingOptions): string[] {
  const window = options.batchingWindowSeconds ?? defaultBatchingWindowSeconds;
  if (options.batchSize <= mostMessagesWithoutWindow || window >= 1) return [];
  return [
    `batchSize is ${options.batchSize}, but above ${mostMessagesWithoutWindow} it needs batchingWindowSeconds of at least 1`,
  ];
}

const callbackParameters = 3;

/** A function that answers by a callback returns before it is done, and its messages would be deleted unhandled. */
function handlerFaults({ handler }: EventSourceMappingOptions): string[] {
  if (handler.length < callbackParameters) return [];
  return [
    `handler takes ${handler.length} parameters, but must take at most 2 and return a promise (callbacks are not implemented here)`,
  ];
}

function namesOf<Table extends object>(table: Table): (keyof Table)[] {
  return Object.keys(table) as (keyof Table)[];
}
