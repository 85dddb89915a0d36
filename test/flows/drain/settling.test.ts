import { type Around, failing, firstCalls, nameOf, recordInto } from '../../fakes/interpose.ts';
import { answerTo } from '../../fakes/scripted-model.ts';
import { createSimulatedProcess } from '../../fakes/simulated-process.ts';
import { createWorld, type World } from '../../fakes/world.ts';
import { acceptPrompts, NORMAL_LANE } from '../submissions.ts';
import { drain, expectAllAnswered, itemOf, notifications, startDrain, waitingInLanes } from './drains.ts';

describe('a drain that writes results down', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld();
  });

  it('goes from the bucket to the state, the results queue, the ledger, and last the lane', async () => {
    const names: string[] = [];
    await acceptPrompts(world, ['x']);
    await drain(world, { around: recordInto(names) });
    const wanted = ['objects.put', 'requests.finish', 'queues.send', 'ledger.record', 'queues.remove'];
    expect(names.filter((name) => wanted.includes(name))).toEqual(wanted);
  });

  it('journals a claim before each call', async () => {
    const names: string[] = [];
    await acceptPrompts(world, ['x', 'y']);
    await drain(world, { around: recordInto(names) });
    expect(names.filter((name) => name === 'requests.claim' || name === 'model.call')).toEqual([
      'requests.claim',
      'requests.claim',
      'model.call',
      'model.call',
    ]);
  });

  it.each(['objects.put', 'requests.finish', 'ledger.record'])('tries %s again', async (name) => {
    const ids = await acceptPrompts(world, ['x']);
    await drain(world, { around: failing(firstCalls(name, 5)) });
    expectAllAnswered(world, ids);
    expect(world.model.calls).toHaveLength(1);
    expect(notifications(world)).toHaveLength(1);
    expect(world.ledger.entries()).toHaveLength(1);
  });

  it.each(['objects.put', 'requests.finish', 'ledger.record'])(
    'tries %s again when it was done and its answer was lost, and tells the result once',
    async (name) => {
      const ids = await acceptPrompts(world, ['x']);
      await drain(world, { around: failing(firstCalls(name, 1), 'after') });
      expectAllAnswered(world, ids);
      expect(world.model.calls).toHaveLength(1);
      expect(notifications(world)).toHaveLength(1);
      expect(world.ledger.entries()).toMatchObject([{ requests: 1, lostAttempts: 0 }]);
    },
  );

  it('keeps the lane message of the one whose state could not be written, and removes the others', async () => {
    const [good, bad] = await acceptPrompts(world, ['good', 'bad']);
    const around = failing(
      (effect) => nameOf(effect) === 'requests.finish' && JSON.stringify(effect.args).includes(bad ?? ''),
    );
    void startDrain(world, { around });
    await world.clock.advance(30_000);
    expect(itemOf(world, good).status).toBe('succeeded');
    expect(itemOf(world, bad).status).toBe('running');
    expect(waitingInLanes(world)).toBe(1);
    expect(notifications(world).map(({ request_id }) => request_id)).toEqual([good]);
  });

  it('keeps the lane message while the results queue does not take the notification', async () => {
    const ids = await acceptPrompts(world, ['told', 'untold']);
    world.queues.refuse('results', (body) => body.includes('untold'));
    void startDrain(world);
    await world.clock.advance(20_000);
    expect(notifications(world).map(({ content }) => content)).toEqual(['answer to told']);
    expect(waitingInLanes(world)).toBe(1);
    world.queues.refuse('results', () => false);
    await world.clock.advance(60_000);
    await drain(world);
    expectAllAnswered(world, ids);
    expect(world.model.calls).toHaveLength(2);
  });

  it('keeps the lane message while the dead letter of a failure is not taken', async () => {
    const failingWorld = createWorld({
      model: {
        script: () => ({
          kind: 'fault',
          fault: { name: 'InternalServerException', status: 500, message: '' },
        }),
      },
    });
    await acceptPrompts(failingWorld, ['hopeless']);
    failingWorld.queues.refuse('dead-letter-haiku', () => true);
    await drain(failingWorld);
    expect(waitingInLanes(failingWorld)).toBe(1);
  });

  it('keeps answers that its stores do not take, for as long as it lives, and pays for none twice', async () => {
    const ids = await acceptPrompts(world, ['x', 'y']);
    let isDown = true;
    const outcome = startDrain(world, { around: failing((effect) => effect.port === 'objects' && isDown) });
    await world.clock.advance(5 * 60_000);
    expect(world.telemetry.troubles()).toContain('flush_failed');
    expect(notifications(world)).toEqual([]);
    isDown = false;
    await world.clock.run(outcome);
    expectAllAnswered(world, ids);
    expect(world.model.calls).toHaveLength(2);
    expect(world.ledger.entries()).toMatchObject([{ requests: 2 }]);
  });

  it('answers again when the whole flush was lost with its function, and marks the attempt before as unknown', async () => {
    const [id = ''] = await acceptPrompts(world, ['x']);
    await drain(world, { around: failing((effect) => effect.port === 'objects'), lifeMs: 60_000 });
    expect(world.telemetry.troubles()).toContain('results_given_up');
    await world.clock.advance(60_000);
    await drain(world);
    expectAllAnswered(world, [id]);
    // It ended in order, so that nobody takes its request for what ended it.
    expect(itemOf(world, id)).toMatchObject({
      attempts: 2,
      crashes: 0,
      attemptLog: [{ outcome: 'outcome_unknown' }, { outcome: 'answered' }],
    });
  });

  it('asks the model for no more while too much waits to be written down', async () => {
    const large = 'x'.repeat(4_000_000);
    const heavy = createWorld({
      settings: { max_concurrent_executions: 3 },
      model: { script: ({ prompt }) => answerTo(`${prompt} ${large}`), latencyMs: () => 100 },
    });
    await acceptPrompts(
      heavy,
      Array.from({ length: 20 }, (_, index) => `p${index}`),
    );
    let isDown = true;
    const outcome = startDrain(heavy, { around: failing((effect) => effect.port === 'objects' && isDown) });
    await heavy.clock.advance(5000);
    const asked = heavy.model.calls.length;
    expect(asked).toBeLessThan(13);
    await heavy.clock.advance(5000);
    expect(heavy.model.calls).toHaveLength(asked);
    isDown = false;
    expect(await heavy.clock.run(outcome)).toMatchObject({ finished: 20 });
  }, 30_000);

  it('goes on with others’ results while one store does not answer for one of them', async () => {
    const [bad = '', ...good] = await acceptPrompts(world, ['bad', 'a', 'b', 'c']);
    let isDown = true;
    const around = failing(
      (effect) => isDown && nameOf(effect) === 'requests.finish' && JSON.stringify(effect.args).includes(bad),
    );
    const outcome = startDrain(world, { around });
    await world.clock.advance(60_000);
    const later = await acceptPrompts(world, ['d', 'e']);
    await world.clock.advance(20_000);
    expect([...good, ...later].map((id) => itemOf(world, id).status)).toEqual([
      'succeeded',
      'succeeded',
      'succeeded',
      'succeeded',
      'succeeded',
    ]);
    expect(itemOf(world, bad).status).toBe('running');
    isDown = false;
    await world.clock.run(outcome);
    expectAllAnswered(world, [bad, ...good, ...later]);
    expect(world.model.calls).toHaveLength(6);
    // The segment's entry was replaced by one that counts them all.
    expect(world.ledger.entries().map(({ requests }) => requests)).toEqual([4, 2]);
  });

  it('lets a ledger that does not answer hold up nothing for more than about a minute, and tells it later', async () => {
    const ids = await acceptPrompts(world, ['x']);
    let isDown = true;
    const outcome = startDrain(world, { around: failing((effect) => effect.port === 'ledger' && isDown) });
    await world.clock.advance(5000);
    expect(notifications(world)).toHaveLength(1);
    expect(waitingInLanes(world)).toBe(1);
    await world.clock.advance(85_000);
    expect(waitingInLanes(world)).toBe(0);
    expect(world.telemetry.troubles()).toContain('usage_not_recorded');
    isDown = false;
    await world.clock.run(outcome);
    expectAllAnswered(world, ids);
  });

  it('records usage late when whoever wrote the results down died before the ledger', async () => {
    const ids = await acceptPrompts(world, ['x', 'y']);
    const process = createSimulatedProcess(world.clock);
    const around: Around = (effect, perform) => {
      if (nameOf(effect) === 'ledger.record') process.kill();
      return process.around(effect, perform);
    };
    void startDrain(world, { around }, process);
    await world.clock.advance(120_000);
    expect(world.ledger.entries()).toEqual([]);
    await world.pools.endAll('haiku');
    await drain(world);
    expectAllAnswered(world, ids);
    expect(world.model.calls).toHaveLength(2);
    expect(world.ledger.entries()).toMatchObject([
      { segment: 'segment-1', requests: 2, outcomes: { succeeded: 2 }, inputTokens: 20, outputTokens: 40 },
    ]);
  });

  it.each([
    [
      'written',
      'before',
      3,
      [
        {
          segment: 'segment-1',
          requests: 1,
          inputTokens: 20,
          outputTokens: 40,
          lostAttempts: 1,
          unsettled: 1,
        },
        { requests: 1, inputTokens: 10, outputTokens: 20, lostAttempts: 0, unsettled: 0 },
      ],
    ],
    [
      'told to be written',
      'after',
      2,
      [
        {
          segment: 'segment-1',
          requests: 2,
          inputTokens: 20,
          outputTokens: 40,
          lostAttempts: 0,
          unsettled: 0,
        },
      ],
    ],
  ] as const)(
    'counts what was paid when an end could not be %s before whoever wanted to died',
    async (_, moment, calls, entries) => {
      const ids = await acceptPrompts(world, ['x', 'y']);
      const process = createSimulatedProcess(world.clock);
      const isOfLast = failing(
        ({ port, method, args }) =>
          port === 'requests' && method === 'finish' && JSON.stringify(args).includes(ids[1] ?? ''),
        moment,
      );
      const around: Around = async (effect, perform) => {
        const done = await process.around(effect, () => isOfLast(effect, perform));
        if (nameOf(effect) === 'ledger.record') process.kill();
        return done;
      };
      void startDrain(world, { around }, process);
      await world.clock.advance(120_000);
      await world.pools.endAll('haiku');
      await drain(world);

      expectAllAnswered(world, ids);
      expect(world.model.calls).toHaveLength(calls);
      expect(world.ledger.entries()).toMatchObject(entries);
    },
  );

  it('counts down what its tenant waits for, once a flush', async () => {
    await acceptPrompts(world, ['x', 'y', 'z']);
    expect(await world.tenants.readWaiting('haiku', 'default')).toBe(3);
    const names: string[] = [];
    await drain(world, { around: recordInto(names) });
    expect(await world.tenants.readWaiting('haiku', 'default')).toBe(0);
    expect(names.filter((name) => name === 'tenants.addWaiting')).toHaveLength(1);
  });

  it('sets a tenant’s count right once every lane is empty', async () => {
    await acceptPrompts(world, ['x']);
    // Somebody counted and died before he sent.
    await world.tenants.addWaiting('haiku', 'default', 7);
    await drain(world);
    expect(await world.tenants.readWaiting('haiku', 'default')).toBe(0);
  });

  it('sets a count right that fell below zero', async () => {
    await acceptPrompts(world, ['x']);
    await world.tenants.addWaiting('haiku', 'default', -3);
    await drain(world);
    expect(await world.tenants.addWaiting('haiku', 'default', 1)).toBe(1);
  });

  it('leaves the count alone while something is parked', async () => {
    await acceptPrompts(world, ['x']);
    await acceptPrompts(world, ['later'], { not_before: '2026-01-31T18:00:00Z' });
    await drain(world);
    expect(await world.tenants.readWaiting('haiku', 'default')).toBe(1);
  });

  it('settles all the same when nobody counts down', async () => {
    const ids = await acceptPrompts(world, ['x']);
    await drain(world, { around: failing(firstCalls('tenants.addWaiting', 1)) });
    expectAllAnswered(world, ids);
    expect(world.telemetry.troubles()).toContain('waiting_not_counted');
  });

  it('counts what a loser paid, and lets it repeat the winner’s answer', async () => {
    const [id = ''] = await acceptPrompts(world, ['contested']);
    void startDrain(world);
    await world.clock.advance(500);
    const winner = { key: 'results/winner.jsonl', offsetBytes: 0, lengthBytes: 31 };
    await world.objects.put(winner.key, Buffer.from('{"tenant":"default","content":1}'), '');
    await world.requests.finish({
      requestId: id,
      status: 'succeeded',
      attempts: 1,
      attemptLog: [],
      finishedAtMs: world.clock.nowMs(),
      ttlSeconds: 2_000_000_000,
      result: { ...winner, lengthBytes: 32 },
      usage: null,
      costUsd: null,
      errorCode: undefined,
    });
    await world.clock.advance(10_000);
    expect(world.ledger.entries()).toMatchObject([
      { requests: 0, outcomes: {}, inputTokens: 10, outputTokens: 20, lostAttempts: 1 },
    ]);
    expect(world.queues.bodies('results')).toEqual(['{"tenant":"default","content":1}']);
    expect(itemOf(world, id).result?.key).toBe('results/winner.jsonl');
    expect(world.queues.bodies(NORMAL_LANE)).toEqual([]);
  });
});
