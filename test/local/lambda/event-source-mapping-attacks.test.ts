import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { deliver, failReceive, finish, report, start, stopScenes } from './mapping-scene.ts';
import { settled } from './virtual-timers.ts';

afterEach(stopScenes);

const circular: Record<string, unknown> = {};
circular.self = circular;

describe('a function that misbehaves', () => {
  it.each([
    ['that refers to itself', circular],
    ['with a BigInt', { batchItemFailures: [], count: 1n }],
    [
      'whose list throws when it is read',
      {
        get batchItemFailures() {
          throw new Error('boom');
        },
      },
    ],
    ['of more than 6 MB', { batchItemFailures: [], log: 'x'.repeat(6 * 1024 * 1024) }],
  ])('by a response %s fails its batch and keeps its place', async (_what, response) => {
    const scene = start({ maximumConcurrency: 2 });
    await deliver(scene, 'a');
    await finish(scene, 0, response);
    expect(scene.sqs.deletes).toEqual([]);
    expect(scene.errors).toHaveLength(1);
    expect(scene.mapping.inFlight).toBe(0);
    await deliver(scene);
    await scene.timers.advance(200);
    await deliver(scene, 'b');
    expect(scene.calls.map((call) => call.ids)).toEqual([['a'], ['b']]);
  });

  it.each([
    ['the same failure twice', report('b', 'b'), ['handle-a']],
    ['every message as failed', report('a', 'b'), []],
    ['a list under another name', { batchItemFailure: [{ itemIdentifier: 'a' }] }, ['handle-a', 'handle-b']],
    ['more than the list', { ...Object(report('a')), note: 'x' }, ['handle-b']],
    ['true', true, []],
    ['a date', new Date(0), []],
    ['a function', () => report('a'), ['handle-a', 'handle-b']],
  ])('by a response with %s is read as Lambda reads its JSON', async (_what, response, deleted) => {
    const scene = start();
    await deliver(scene, 'a', 'b');
    await finish(scene, 0, response);
    expect(scene.sqs.deletedHandles).toEqual(deleted);
  });

  it('by changing its event changes nothing that is deleted', async () => {
    const scene = start({
      handler: async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
        const [first] = Records;
        if (first !== undefined) Object.assign(first, { messageId: 'other', receiptHandle: 'other' });
        Records.length = 0;
        return { batchItemFailures: [{ itemIdentifier: 'b' }] };
      },
    });
    await deliver(scene, 'a', 'b', 'c');
    expect(scene.sqs.deletedHandles).toEqual(['handle-a', 'handle-c']);
    expect(scene.errors).toEqual([]);
  });

  it('by throwing before it returns a promise fails its batch', async () => {
    const scene = start({
      handler: () => {
        throw new Error('at once');
      },
    });
    await deliver(scene, 'a');
    expect(scene.errors).toEqual([new Error('at once')]);
    expect(scene.mapping.inFlight).toBe(0);
  });

  it('by throwing nothing at all fails its batch', async () => {
    const scene = start({ handler: () => Promise.reject(undefined) });
    await deliver(scene, 'a');
    expect(scene.sqs.deletes).toEqual([]);
    expect(scene.errors).toEqual([undefined]);
  });

  it('by never ending gives its places back at its timeout, and the queue is polled again', async () => {
    const scene = start({ maximumConcurrency: 2, functionTimeoutSeconds: 900 });
    await deliver(scene, 'a');
    await deliver(scene, 'b');
    await scene.timers.advance(899_999);
    expect([scene.mapping.inFlight, scene.sqs.waiting.length]).toEqual([2, 0]);
    await scene.timers.advance(1);
    expect(scene.mapping.inFlight).toBe(0);
    await scene.timers.advance(200);
    expect(scene.sqs.waiting).toHaveLength(1);
    expect(scene.sqs.deletes).toEqual([]);
  });

  it('by failing after its timeout is told once', async () => {
    const scene = start({ functionTimeoutSeconds: 1 });
    await deliver(scene, 'a');
    await scene.timers.advance(1_000);
    scene.calls[0]?.fail(new Error('late'));
    await settled();
    expect(scene.errors.map(String)).toEqual([
      'Error: prioritization timed out; all 1 messages will be delivered again',
    ]);
  });

  it('by taking a callback is refused, since its messages would be deleted before it is done', () => {
    const handler = async (_event: unknown, _context: unknown, _callback?: unknown): Promise<void> => {};
    const threeParameters = Object.defineProperty(handler, 'length', { value: 3 });
    expect(() => start({ handler: threeParameters })).toThrow(
      'event source mapping of prioritization: handler takes 3 parameters, but must take at most 2 and return a promise (callbacks are not implemented here)',
    );
  });
});

describe('a log that throws', () => {
  const onError = () => {
    throw new Error('the log is full');
  };

  it('stops neither polling nor handling', async () => {
    const scene = start({ onError });
    await failReceive(scene);
    await scene.timers.advance(100);
    await deliver(scene, 'a');
    scene.calls[0]?.fail(new Error('boom'));
    await settled();
    expect(scene.mapping.inFlight).toBe(0);
    await deliver(scene, 'b');
    scene.sqs.deleteAnswers.push(new Error('reset'), new Error('reset'));
    await finish(scene, 1);
    await scene.timers.advance(100);
    await deliver(scene, 'c');
    expect(scene.calls.map((call) => call.ids)).toEqual([['a'], ['b'], ['c']]);
  });
});

describe('a queue that misbehaves', () => {
  it('by answering empty at once within a window is asked five times a second at most', async () => {
    const scene = start({ batchSize: 100, batchingWindowSeconds: 3 });
    await deliver(scene, 'a');
    for (let asked = 0; asked < 10; asked += 1) {
      await deliver(scene);
      expect(scene.sqs.waiting).toHaveLength(0);
      await scene.timers.advance(199);
      expect(scene.sqs.waiting).toHaveLength(0);
      await scene.timers.advance(1);
      expect(scene.sqs.waiting).toHaveLength(1);
    }
    await scene.timers.advance(1_000);
    await deliver(scene);
    expect(scene.calls.map((call) => call.ids)).toEqual([['a']]);
  });

  it('is let go of in such a pause as soon as the mapping stops', async () => {
    const scene = start({ batchSize: 100, batchingWindowSeconds: 300 });
    await deliver(scene, 'a');
    await deliver(scene);
    const stopping = scene.mapping.stop();
    await settled();
    expect(scene.calls.map((call) => call.ids)).toEqual([['a']]);
    await finish(scene, 0);
    await stopping;
    expect(scene.timers.pending).toBe(0);
    expect(scene.sqs.deletedHandles).toEqual(['handle-a']);
  });

  it('by giving one message twice in a batch has both deleted, or neither', async () => {
    const scene = start();
    const twice = (handle: string) => ({ MessageId: 'a', ReceiptHandle: handle, Body: '{}' });
    scene.sqs.takeReceive().answer(twice('first'), twice('second'));
    await settled();
    await finish(scene, 0);
    expect(scene.sqs.deletedHandles).toEqual(['first', 'second']);
    scene.sqs.takeReceive().answer(twice('third'), twice('fourth'));
    await settled();
    await finish(scene, 1, report('a'));
    expect(scene.sqs.deletedHandles).toEqual(['first', 'second']);
  });

  it.each([
    ['an error', new Error('QueueDoesNotExist')],
    ['text', 'connect ECONNREFUSED'],
  ])('by failing with %s is asked again after a pause', async (_what, error) => {
    const scene = start();
    scene.sqs.takeReceive().fail(error as Error);
    await settled();
    expect(scene.errors).toEqual([error]);
    await scene.timers.advance(100);
    expect(scene.sqs.waiting).toHaveLength(1);
  });
});

describe('the payload', () => {
  it('of ten messages of a megabyte is handed out in parts that fit, each deleted when all are done', async () => {
    const scene = start();
    const body = 'x'.repeat(1024 * 1024);
    const ids = [...'abcdefghij'];
    scene.sqs
      .takeReceive()
      .answer(...ids.map((id) => ({ MessageId: id, ReceiptHandle: `handle-${id}`, Body: body })));
    await settled();
    await finish(scene, 0);
    await finish(scene, 1, report('g'));
    expect(scene.calls.map((call) => call.ids.join(''))).toEqual(['abcde', 'fghij']);
    expect(scene.mapping.inFlight).toBe(0);
    expect(scene.sqs.deletedHandles.join(' ')).toBe(
      'handle-a handle-b handle-c handle-d handle-e handle-f handle-h handle-i handle-j',
    );
  });

  it('is measured as JSON, where a quote takes two bytes and a control character six', async () => {
    const scene = start();
    const quotes = '"'.repeat(1024 * 1024);
    scene.sqs
      .takeReceive()
      .answer(...[...'abc'].map((id) => ({ MessageId: id, ReceiptHandle: id, Body: quotes })));
    await settled();
    expect(scene.calls.map((call) => call.ids.join(''))).toEqual(['ab']);
    await finish(scene, 0);
    expect(scene.calls.map((call) => call.ids.join(''))).toEqual(['ab', 'c']);
  });

  it('fails only the part whose invocation fails', async () => {
    const scene = start();
    const body = 'x'.repeat(1024 * 1024);
    scene.sqs
      .takeReceive()
      .answer(...[...'abcdef'].map((id) => ({ MessageId: id, ReceiptHandle: id, Body: body })));
    await settled();
    scene.calls[0]?.fail(new Error('boom'));
    await settled();
    await finish(scene, 1);
    expect(scene.sqs.deletedHandles).toEqual(['f']);
  });
});
