import { randomBytes, randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { systemTimers, type Timers } from './timers.ts';

export interface FunctionSpec {
  readonly name: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly region: string;
  readonly accountId: string;
}

export type InvocationOutcome<Result> =
  | { readonly kind: 'returned'; readonly value: Result }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'timed_out' };

export type FunctionHandler<Event, Result> = (event: Event, context: Context) => Promise<Result>;

export type Invocation<Event, Result> = {
  readonly handler: FunctionHandler<Event, Result>;
  readonly event: Event;
  readonly spec: FunctionSpec;
  readonly timers?: Timers;
};

/**
 * Runs a handler the way Lambda does. It never rejects.
 *
 * After a timeout Lambda kills the execution environment; within one process that is impossible, so the
 * handler may go on running and its late result is dropped. Handlers watch `getRemainingTimeInMillis`.
 */
export function invokeFunction<Event, Result>(
  invocation: Invocation<Event, Result>,
): Promise<InvocationOutcome<Result>> {
  const { handler, event, spec, timers = systemTimers } = invocation;
  return new Promise((resolve) => {
    const deadlineMs = timers.monotonicMs() + spec.timeoutSeconds * 1000;
    const cancelTimeout = timers.after(spec.timeoutSeconds * 1000, () => resolve({ kind: 'timed_out' }));
    const settle = (outcome: InvocationOutcome<Result>): void => {
      cancelTimeout();
      resolve(outcome);
    };
    const context = createContext({
      spec,
      remainingMs: () => Math.max(0, Math.floor(deadlineMs - timers.monotonicMs())),
      succeed: (value) => settle({ kind: 'returned', value: value as Result }),
      fail: (error) => settle({ kind: 'threw', error }),
    });
    runToOutcome(() => handler(event, context)).then(settle);
  });
}

async function runToOutcome<Result>(run: () => Promise<Result>): Promise<InvocationOutcome<Result>> {
  try {
    return { kind: 'returned', value: await run() };
  } catch (error) {
    return { kind: 'threw', error };
  }
}

interface ContextParts {
  readonly spec: FunctionSpec;
  readonly remainingMs: () => number;
  readonly succeed: (value: unknown) => void;
  readonly fail: (error: unknown) => void;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function createContext({ spec, remainingMs, succeed, fail }: ContextParts): Context {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: spec.name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${spec.region}:${spec.accountId}:function:${spec.name}`,
    memoryLimitInMB: String(spec.memoryMb),
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${spec.name}`,
    logStreamName,
    getRemainingTimeInMillis: remainingMs,
    done: (error?: Error, result?: unknown) => (error ? fail(error) : succeed(result)),
    fail: (error: Error | string) => fail(error),
    succeed,
  };
}

/** One for the life of an execution environment, which here is the process. */
const logStreamName = `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomBytes(16).toString('hex')}`;
