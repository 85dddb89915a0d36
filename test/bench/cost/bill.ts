import { FUNCTIONS } from '../../../shared/contract/functions.ts';
import { ASSUMED, PRICES } from './prices.ts';

export const PARTS = ['sqs', 'dynamodb', 's3', 'lambda', 'api', 'logs'] as const;
export type Part = (typeof PARTS)[number];

/** US dollars for a million requests. */
export type Bill = Readonly<Record<Part, number>>;

/** Of one request. */
export interface Usage {
  readonly sqsCalls: number;
  readonly writes: number;
  readonly reads: number;
  readonly puts: number;
  readonly gets: number;
  readonly apiCalls: number;
  readonly invocations: number;
  readonly gbSeconds: number;
}

export const toBill = (usage: Usage): Bill => ({
  sqs: usage.sqsCalls * PRICES.sqsMillionCalls,
  dynamodb: usage.writes * PRICES.dynamoMillionWrites + usage.reads * PRICES.dynamoMillionReads,
  s3: usage.puts * PRICES.s3MillionPuts + usage.gets * PRICES.s3MillionGets,
  lambda:
    usage.invocations * PRICES.lambdaMillionInvocations + usage.gbSeconds * PRICES.lambdaGbSecondArm * 1e6,
  api: usage.apiCalls * PRICES.httpApiMillionCalls,
  // A million requests of so many bytes are so many megabytes.
  logs: (ASSUMED.logBytesARequest / 1000) * PRICES.logsGb,
});

export const sumOfBill = (bill: Bill): number => PARTS.reduce((sum, part) => sum + bill[part], 0);

const gb = (memoryMb: number): number => memoryMb / 1024;

export const accepting = (invocations: number): number =>
  invocations * ASSUMED.ingestionSeconds * gb(FUNCTIONS.ingestion.memoryMb);

export const reading = (invocations: number): number =>
  invocations * ASSUMED.querySeconds * gb(FUNCTIONS.query.memoryMb);

/** One drain is always at work, shared by what comes in a second. */
export const draining = (perSecond: number): number => gb(FUNCTIONS.prioritization.memoryMb) / perSecond;

/**
 * What people build first: a queue, a function for each message that calls the model, waits, and keeps the answer. With what
 * ours promises, too: an item that is claimed and settled, an object for the result, a message that tells of it.
 */
export const LAMBDA_PER_CALL: Usage = {
  // The producer's by tens; one receive, delete and result for each.
  sqsCalls: 0.1 + 3,
  writes: 2,
  reads: 0,
  puts: 1,
  gets: 0,
  apiCalls: 0,
  invocations: 1,
  gbSeconds: ASSUMED.callSeconds * gb(ASSUMED.callMemoryMb),
};

/** As its authors publish it: sample-traffic-shaping-for-amazon-bedrock, docs/cost-model.md. */
export const AWS_SAMPLE_USD = 35;
