import { randomUUID } from 'node:crypto';
import { message } from './fake-sqs.ts';
import { deliver, failReceive, finish, report, start, stopScenes } from './mapping-scene.ts';
import { settled } from './virtual-timers.ts';

afterEach(stopScenes);

describe('polling', () => {
  it('long polls for the whole batch and asks for everything a record carries', () => {
    const { sqs } = start();
    expect(sqs.receives.map((receive) => receive.input)).toEqual([
      {
        QueueUrl: 'http://127.0.0.1:4566/000000000000/wake',
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 20,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      },
    ]);
  });

  it('asks for no more messages than a batch holds', () => {
    expect(start({ batchSize: 1 }).sqs.receives[0]?.input.MaxNumberOfMessages).toBe(1);
  });

  it('never has more polls and invocations together than the maximum concurrency', async () => {
    const scene = start({ maximumConcurrency: 3 });
    await deliver(scene, 'a');
    expect(scene.mapping.inFlight + scene.sqs.waiting.length).toBe(3);
    await deliver(scene, 'b');
    await deliver(scene, 'c');
    expect(scene.mapping.inFlight).toBe(3);
    expect(scene.sqs.waiting).toHaveLength(0);
    await scene.timers.advance(30_000);
    expect(scene.sqs.waiting).toHaveLength(0);
  });

  it('polls again as soon as an invocation ends, before its deletes are done', async () => {
    const scene = start();
    await deliver(scene, 'a');
    await deliver(scene, 'b');
    expect(scene.sqs.waiting).toHaveLength(0);
    await finish(scene, 0);
    expect(scene.mapping.inFlight).toBe(1);
    expect(scene.sqs.waiting).toHaveLength(1);
  });

  it('grows to five pollers while messages come and no further', async () => {
    const scene = start({ maximumConcurrency: 100 });
    const pollers: number[] = [scene.sqs.waiting.length];
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
      await deliver(scene, id);
      pollers.push(scene.sqs.waiting.length);
    }
    expect(pollers).toEqual([1, 2, 3, 4, 5, 5, 5, 5]);
  });

  it('goes back to one poller when the queue is empty', async () => {
    const scene = start({ maximumConcurrency: 100 });
    await deliver(scene, 'a');
    await deliver(scene, 'b');
    expect(scene.sqs.waiting).toHaveLength(3);
    await scene.timers.advance(20_000);
    await deliver(scene);
    await deliver(scene);
    expect(scene.sqs.waiting).toHaveLength(1);
    await deliver(scene);
    expect(scene.sqs.waiting).toHaveLength(1);
  });

  it('does not spin when a queue answers empty at once', async () => {
    const scene = start();
    await deliver(scene);
    expect(scene.sqs.waiting).toHaveLength(0);
    await scene.timers.advance(200);
    expect(scene.sqs.waiting).toHaveLength(1);
  });

  it('backs off after polling errors, longer each time, up to five seconds', async () => {
    const scene = start();
    for (const pauseMs of [100, 200, 400, 800, 1600, 3200, 5000, 5000]) {
      await failReceive(scene);
      await scene.timers.advance(pauseMs - 1);
      expect(scene.sqs.waiting).toHaveLength(0);
      await scene.timers.advance(1);
      expect(scene.sqs.waiting).toHaveLength(1);
    }
    expect(scene.errors).toHaveLength(8);
  });

  it('forgets earlier polling errors after a receive that worked', async () => {
    const scene = start();
    for (const pauseMs of [100, 200]) {
      await failReceive(scene);
      await scene.timers.advance(pauseMs);
    }
    await scene.timers.advance(20_000);
    await deliver(scene);
    await failReceive(scene);
    await scene.timers.advance(100);
    expect(scene.sqs.waiting).toHaveLength(1);
  });
});

describe('the batching window', () => {
  it('without a window invokes with what one receive brought', async () => {
    const scene = start();
    await deliver(scene, 'a', 'b');
    expect(scene.calls.map((call) => call.ids)).toEqual([['a', 'b']]);
  });

  it('gathers several receives until the batch is full', async () => {
    const scene = start({ batchSize: 12, batchingWindowSeconds: 5 });
    expect(scene.sqs.waiting[0]?.input.MaxNumberOfMessages).toBe(10);
    await deliver(scene, ...'abcdefghij');
    expect(scene.calls).toHaveLength(0);
    expect(scene.sqs.waiting[0]?.input).toMatchObject({ MaxNumberOfMessages: 2, WaitTimeSeconds: 5 });
    await deliver(scene, 'k', 'l');
    expect(scene.calls.map((call) => call.ids)).toEqual([[...'abcdefghijkl']]);
  });

  it('opens with the first message and ends with what came', async () => {
    const scene = start({ batchSize: 100, batchingWindowSeconds: 3 });
    await scene.timers.advance(15_000);
    await deliver(scene, 'a');
    expect(scene.sqs.waiting[0]?.input.WaitTimeSeconds).toBe(3);
    await scene.timers.advance(2_000);
    await deliver(scene, 'b');
    expect(scene.sqs.waiting[0]?.input.WaitTimeSeconds).toBe(1);
    await scene.timers.advance(1_000);
    await deliver(scene);
    expect(scene.calls.map((call) => call.ids)).toEqual([['a', 'b']]);
  });

  it('never waits longer than a long poll may', async () => {
    const scene = start({ batchSize: 100, batchingWindowSeconds: 300 });
    await deliver(scene, 'a');
    expect(scene.sqs.waiting[0]?.input.WaitTimeSeconds).toBe(20);
  });

  it('hands out what it has when a later receive fails', async () => {
    const scene = start({ batchSize: 100, batchingWindowSeconds: 300 });
    await deliver(scene, 'a');
    scene.sqs.takeReceive().fail(new Error('socket hang up'));
    await settled();
    expect(scene.calls.map((call) => call.ids)).toEqual([['a']]);
    expect(scene.errors).toEqual([new Error('socket hang up')]);
  });

  it('splits what does not fit one 6 MB payload, one invocation after the other', async () => {
    const scene = start();
    const body = 'x'.repeat(1024 * 1024);
    scene.sqs.takeReceive().answer(...[...'abcdefg'].map((id) => message(id, body)));
    await settled();
    expect(scene.calls.map((call) => call.ids)).toEqual([[...'abcde']]);
    await finish(scene, 0);
    expect(scene.calls.map((call) => call.ids)).toEqual([[...'abcde'], ['f', 'g']]);
    expect(scene.mapping.inFlight).toBe(1);
  });

  it('stops gathering when the payload is full', async () => {
    const scene = start({ batchSize: 100, batchingWindowSeconds: 300 });
    scene.sqs.takeReceive().answer(message('a', 'x'.repeat(6 * 1024 * 1024)));
    await settled();
    expect(scene.calls).toHaveLength(1);
  });
});

describe('settling a batch', () => {
  it('deletes everything after success', async () => {
    const scene = start({ reportBatchItemFailures: false });
    await deliver(scene, 'a', 'b');
    await finish(scene, 0);
    expect(scene.sqs.deletes).toEqual([
      {
        QueueUrl: 'http://127.0.0.1:4566/000000000000/wake',
        Entries: [
          { Id: '0', ReceiptHandle: 'handle-a' },
          { Id: '1', ReceiptHandle: 'handle-b' },
        ],
      },
    ]);
  });

  it('deletes all but the reported failures and does not slow down', async () => {
    const scene = start();
    await deliver(scene, 'a', 'b', 'c');
    await finish(scene, 0, report('b'));
    expect(scene.sqs.deletedHandles).toEqual(['handle-a', 'handle-c']);
    expect(scene.sqs.waiting).toHaveLength(2);
    expect(scene.errors).toEqual([]);
  });

  it('does not read a report that was not asked for', async () => {
    const scene = start({ reportBatchItemFailures: false });
    await deliver(scene, 'a', 'b');
    await finish(scene, 0, report('b'));
    expect(scene.sqs.deletedHandles).toEqual(['handle-a', 'handle-b']);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['a null list', { batchItemFailures: null }],
    ['an empty list', { batchItemFailures: [] }],
  ])('takes %s for complete success', async (_name, response) => {
    const scene = start();
    await deliver(scene, 'a', 'b');
    await finish(scene, 0, response);
    expect(scene.sqs.deletedHandles).toEqual(['handle-a', 'handle-b']);
  });

  it.each([
    ['an unknown identifier', report('a', 'stranger')],
    ['an empty identifier', report('a', '')],
    ['a null identifier', report('a', null)],
    ['a numeric identifier', report(7)],
    ['a missing identifier', { batchItemFailures: [{ messageId: 'a' }] }],
    ['a bare identifier', { batchItemFailures: ['a'] }],
    ['a list that is none', { batchItemFailures: 'a' }],
    ['a list instead of an object', []],
    ['text', 'done'],
  ])('takes %s for complete failure', async (_name, response) => {
    const scene = start();
    await deliver(scene, 'a', 'b');
    await finish(scene, 0, response);
    expect(scene.sqs.deletes).toEqual([]);
    expect(scene.errors).toHaveLength(1);
  });

  it('deletes nothing after a thrown error and backs off, longer with each in a row', async () => {
    const scene = start({ maximumConcurrency: 2 });
    for (const [index, pauseMs] of [100, 200, 400].entries()) {
      await deliver(scene, `m${index}`);
      if (index === 0) await deliver(scene, 'other');
      scene.calls.at(index === 0 ? 0 : -1)?.fail(new Error('boom'));
      await settled();
      expect(scene.sqs.waiting).toHaveLength(0);
      await scene.timers.advance(pauseMs - 1);
      expect(scene.sqs.waiting).toHaveLength(0);
      await scene.timers.advance(1);
      expect(scene.sqs.waiting).toHaveLength(1);
    }
    expect(scene.sqs.deletes).toEqual([]);
    expect(scene.errors).toEqual([new Error('boom'), new Error('boom'), new Error('boom')]);
  });

  it('starts again with one poller after a function error', async () => {
    const scene = start({ maximumConcurrency: 4 });
    for (const id of ['a', 'b', 'c', 'd']) await deliver(scene, id);
    scene.calls[0]?.fail(new Error('boom'));
    await settled();
    for (const index of [1, 2, 3]) await finish(scene, index);
    expect(scene.sqs.waiting).toHaveLength(0);
    await scene.timers.advance(100);
    expect(scene.sqs.waiting).toHaveLength(1);
  });

  it('does not cut a pause short when a shorter one is due', async () => {
    const scene = start({ maximumConcurrency: 100 });
    for (const id of ['a', 'b', 'c', 'd']) await deliver(scene, id);
    for (const call of scene.calls) call.fail(new Error('boom'));
    await settled();
    while (scene.sqs.waiting.length > 0) await deliver(scene);
    await scene.timers.advance(799);
    expect(scene.sqs.waiting).toHaveLength(0);
    await scene.timers.advance(1);
    expect(scene.sqs.waiting).toHaveLength(1);
  });

  it('forgets earlier function errors after a success', async () => {
    const scene = start();
    await deliver(scene, 'a');
    await deliver(scene, 'b');
    scene.calls[0]?.fail(new Error('boom'));
    await settled();
    await finish(scene, 1);
    await scene.timers.advance(100);
    await deliver(scene, 'c');
    await deliver(scene, 'd');
    scene.calls[2]?.fail(new Error('boom'));
    await settled();
    await scene.timers.advance(100);
    expect(scene.sqs.waiting).toHaveLength(1);
  });

  it('deletes nothing after a timeout, even when the function comes back later', async () => {
    const scene = start({ functionTimeoutSeconds: 60 });
    await deliver(scene, 'a');
    await scene.timers.advance(59_999);
    expect(scene.mapping.inFlight).toBe(1);
    await scene.timers.advance(1);
    expect(scene.mapping.inFlight).toBe(0);
    await finish(scene, 0);
    expect(scene.sqs.deletes).toEqual([]);
    expect(String(scene.errors[0])).toBe(
      'Error: prioritization timed out; all 1 messages will be delivered again',
    );
  });

  it('deletes in tens', async () => {
    const scene = start({ batchSize: 12, batchingWindowSeconds: 5 });
    await deliver(scene, ...'abcdefghij');
    await deliver(scene, 'k', 'l');
    await finish(scene, 0);
    expect(scene.sqs.deletes.map((input) => input.Entries?.length)).toEqual([10, 2]);
  });

  it('tries a failed delete once more, only for what failed', async () => {
    const scene = start();
    const failed = [{ Id: '1', Code: 'InternalError', SenderFault: false }];
    scene.sqs.deleteAnswers.push({ Successful: [], Failed: failed });
    await deliver(scene, 'a', 'b');
    await finish(scene, 0);
    expect(scene.sqs.deletedHandles).toEqual(['handle-a', 'handle-b', 'handle-b']);
    expect(scene.errors).toEqual([]);
  });

  it('reports messages that stay after the second try', async () => {
    const scene = start();
    scene.sqs.deleteAnswers.push(new Error('reset'), new Error('reset again'));
    await deliver(scene, 'a', 'b');
    await finish(scene, 0);
    expect(scene.sqs.deletes).toHaveLength(2);
    expect(String(scene.errors[0])).toBe(
      'Error: could not delete 2 handled messages (a, b): Error: reset again',
    );
  });
});

describe('what the function is given', () => {
  it('is a real record', async () => {
    const scene = start();
    scene.sqs.takeReceive().answer({
      MessageId: 'a',
      ReceiptHandle: 'handle-a',
      Body: 'héllo 🌍',
      MD5OfBody: 'e4d7f1b4ed2e42d15898f4b27b019da4',
      MD5OfMessageAttributes: 'd41d8cd98f00b204e9800998ecf8427e',
      Attributes: {
        ApproximateReceiveCount: '2',
        SentTimestamp: '1545082649183',
        SenderId: 'AIDAIENQZJOLO23YVJ4VO',
        ApproximateFirstReceiveTimestamp: '1545082649185',
        MessageGroupId: 'tenant-1',
      },
      MessageAttributes: {
        Kind: { DataType: 'String', StringValue: 'chat' },
        Raw: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 255]) },
      },
    });
    await settled();
    expect(scene.calls[0]?.event).toEqual({
      Records: [
        {
          messageId: 'a',
          receiptHandle: 'handle-a',
          body: 'héllo 🌍',
          attributes: {
            ApproximateReceiveCount: '2',
            SentTimestamp: '1545082649183',
            SenderId: 'AIDAIENQZJOLO23YVJ4VO',
            ApproximateFirstReceiveTimestamp: '1545082649185',
            MessageGroupId: 'tenant-1',
          },
          messageAttributes: {
            Kind: { stringValue: 'chat', stringListValues: [], binaryListValues: [], dataType: 'String' },
            Raw: { binaryValue: 'AQL/', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
          },
          md5OfMessageAttributes: 'd41d8cd98f00b204e9800998ecf8427e',
          md5OfBody: 'e4d7f1b4ed2e42d15898f4b27b019da4',
          eventSource: 'aws:sqs',
          eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:wake',
          awsRegion: 'eu-west-1',
        },
      ],
    });
  });

  it('comes with a context that knows the function and its remaining time', async () => {
    const scene = start({ functionMemoryMb: 512 });
    await deliver(scene, 'a');
    await scene.timers.advance(1_500);
    const context = scene.calls[0]?.context;
    expect(context?.invokedFunctionArn).toBe('arn:aws:lambda:eu-west-1:000000000000:function:prioritization');
    expect(context?.memoryLimitInMB).toBe('512');
    expect(context?.getRemainingTimeInMillis()).toBe(58_500);
  });
});

describe('stop', () => {
  it('ends the outstanding polls without an error and receives no more', async () => {
    const scene = start();
    await scene.mapping.stop();
    await scene.timers.advance(60_000);
    expect(scene.sqs.waiting).toHaveLength(0);
    expect(scene.errors).toEqual([]);
  });

  it('lets running invocations finish and deletes their messages', async () => {
    const scene = start();
    await deliver(scene, 'a');
    let stopped = false;
    const stopping = scene.mapping.stop().then(() => {
      stopped = true;
    });
    await settled();
    expect(stopped).toBe(false);
    await finish(scene, 0);
    await stopping;
    expect(scene.sqs.deletedHandles).toEqual(['handle-a']);
    expect(scene.sqs.waiting).toHaveLength(0);
  });

  it('still invokes with what was gathered, since the queue has hidden it', async () => {
    const scene = start({ batchSize: 100, batchingWindowSeconds: 300 });
    await deliver(scene, 'a');
    const stopping = scene.mapping.stop();
    await settled();
    expect(scene.calls.map((call) => call.ids)).toEqual([['a']]);
    await finish(scene, 0);
    await stopping;
    expect(scene.sqs.deletedHandles).toEqual(['handle-a']);
  });

  it('invokes with a message that came just as it was called, and gathers no more', async () => {
    const scene = start({ batchSize: 100, batchingWindowSeconds: 300 });
    scene.sqs.takeReceive().answer(message('a'));
    const stopping = scene.mapping.stop();
    await settled();
    expect(scene.sqs.waiting).toHaveLength(0);
    await finish(scene, 0);
    await stopping;
    expect(scene.sqs.deletedHandles).toEqual(['handle-a']);
  });

  it('ends a pause, leaving no timer behind', async () => {
    const scene = start();
    await failReceive(scene);
    expect(scene.timers.pending).toBe(1);
    await scene.mapping.stop();
    expect(scene.timers.pending).toBe(0);
  });

  it('starts no pause when a function fails meanwhile', async () => {
    const scene = start();
    await deliver(scene, 'a');
    const stopping = scene.mapping.stop();
    scene.calls[0]?.fail(new Error('boom'));
    await stopping;
    expect(scene.timers.pending).toBe(0);
    expect(scene.errors).toEqual([new Error('boom')]);
  });

  it('may be called twice', async () => {
    const scene = start();
    await Promise.all([scene.mapping.stop(), scene.mapping.stop()]);
    expect(scene.mapping.inFlight).toBe(0);
  });
});

describe('options', () => {
  it.each([
    [{ batchSize: 0 }, 'batchSize is 0, but must be a whole number from 1 to 10000'],
    [{ batchSize: 2.5 }, 'batchSize is 2.5, but must be a whole number from 1 to 10000'],
    [
      { batchSize: 10_001, batchingWindowSeconds: 1 },
      'batchSize is 10001, but must be a whole number from 1 to 10000',
    ],
    [{ batchSize: 11 }, 'batchSize is 11, but above 10 it needs batchingWindowSeconds of at least 1'],
    [
      { batchingWindowSeconds: 301 },
      'batchingWindowSeconds is 301, but must be a whole number from 0 to 300',
    ],
    [{ maximumConcurrency: 1 }, 'maximumConcurrency is 1, but must be a whole number from 2 to 1000'],
    [
      { maximumConcurrency: Number.NaN },
      'maximumConcurrency is NaN, but must be a whole number from 2 to 1000',
    ],
    [
      { functionTimeoutSeconds: 901 },
      'functionTimeoutSeconds is 901, but must be a whole number from 1 to 900',
    ],
    [{ functionMemoryMb: 64 }, 'functionMemoryMb is 64, but must be a whole number from 128 to 10240'],
    [
      { queueUrl: ' ' },
      'queueUrl is " ", but must be the http or https URL of a standard queue (FIFO queues are not implemented here)',
    ],
    [
      { queueUrl: 'http://127.0.0.1:4566/000000000000/wake.fifo' },
      'queueUrl is "http://127.0.0.1:4566/000000000000/wake.fifo", but must be the http or https URL of a standard queue (FIFO queues are not implemented here)',
    ],
    [
      { queueArn: 'arn:aws:sqs:eu-west-1:000000000000:wake.fifo' },
      'queueArn is "arn:aws:sqs:eu-west-1:000000000000:wake.fifo", but must be the ARN of a standard queue (FIFO queues are not implemented here)',
    ],
    [{ region: 'EU' }, 'region is "EU", but must be a region name such as us-east-1'],
  ])('refuses %j', (overrides, fault) => {
    expect(() => start(overrides)).toThrow(`event source mapping of prioritization: ${fault}`);
  });

  it('names all faults at once', () => {
    expect(() => start({ batchSize: 0, maximumConcurrency: 1 })).toThrow(/batchSize.*; maximumConcurrency/);
  });

  it('gives every invocation an id of its own', async () => {
    const scene = start();
    await deliver(scene, randomUUID());
    await deliver(scene, randomUUID());
    const ids = scene.calls.map((call) => call.context.awsRequestId);
    expect(new Set(ids).size).toBe(2);
  });
});
