import type { Context } from 'aws-lambda';
import { type FunctionSpec, invokeFunction } from '../../../local/lambda/invoke.ts';
import { settled, VirtualTimers } from './virtual-timers.ts';

const spec: FunctionSpec = {
  name: 'query',
  timeoutSeconds: 3,
  memoryMb: 256,
  region: 'us-east-1',
  accountId: '123456789012',
};

function invoke(
  handler: (event: string, context: Context) => Promise<unknown>,
  timers = new VirtualTimers(),
) {
  return invokeFunction({ handler, event: 'event', spec, timers });
}

it('gives the event and returns the value', async () => {
  expect(await invoke(async (event) => `${event} seen`)).toEqual({ kind: 'returned', value: 'event seen' });
});

it('tells a rejection and a throw', async () => {
  const error = new Error('boom');
  expect(await invoke(() => Promise.reject(error))).toEqual({ kind: 'threw', error });
  const throwing = () => {
    throw error;
  };
  expect(await invoke(throwing)).toEqual({ kind: 'threw', error });
});

it('times out, and a rejection that comes later harms nobody', async () => {
  const timers = new VirtualTimers();
  let rejectLate: (error: Error) => void = () => {};
  const outcome = invoke(() => new Promise((_resolve, reject) => (rejectLate = reject)), timers);
  await timers.advance(3_000);
  expect(await outcome).toEqual({ kind: 'timed_out' });
  rejectLate(new Error('too late'));
  await settled();
});

it('leaves no timer behind', async () => {
  const timers = new VirtualTimers();
  await invoke(async () => 'done', timers);
  expect(timers.pending).toBe(0);
});

it('gives the context that Lambda gives', async () => {
  const timers = new VirtualTimers();
  let seen: Context | undefined;
  const outcome = invoke((_event, context) => {
    seen = context;
    return new Promise(() => {});
  }, timers);
  expect(seen).toMatchObject({
    callbackWaitsForEmptyEventLoop: true,
    functionName: 'query',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:query',
    memoryLimitInMB: '256',
    logGroupName: '/aws/lambda/query',
  });
  expect(seen?.awsRequestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(seen?.logStreamName).toMatch(/^\d{4}\/\d{2}\/\d{2}\/\[\$LATEST\][0-9a-f]{32}$/);
  expect(seen?.getRemainingTimeInMillis()).toBe(3_000);
  await timers.advance(2_400);
  expect(seen?.getRemainingTimeInMillis()).toBe(600);
  await timers.advance(5_000);
  expect(seen?.getRemainingTimeInMillis()).toBe(0);
  await outcome;
});

it.each<[string, (context: Context) => void, unknown]>([
  ['succeed', (context) => context.succeed('yes'), { kind: 'returned', value: 'yes' }],
  ['fail', (context) => context.fail('no'), { kind: 'threw', error: 'no' }],
  ['done with a result', (context) => context.done(undefined, 'yes'), { kind: 'returned', value: 'yes' }],
  [
    'done with an error',
    (context) => context.done(new Error('no')),
    { kind: 'threw', error: new Error('no') },
  ],
])('ends with context.%s', async (_name, end, expected) => {
  const outcome = await invoke((_event, context) => {
    end(context);
    return new Promise(() => {});
  });
  expect(outcome).toEqual(expected);
});
