import { failing, firstCalls, nameOf, recordInto } from '../../fakes/interpose.ts';
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
    expect(names.filter((name) => name === 'requests.claim' || name === 'model.converse')).toEqual([
      'requests.claim',
      'requests.claim',
      'model.converse',
      'model.converse',
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

  it('answers again when the whole flush was lost, and marks the attempt before as unknown', async () => {
    const [id = ''] = await acceptPrompts(world, ['x']);
    await drain(world, { around: failing(firstCalls('objects.put', 8)) });
    expect(world.telemetry.troubles()).toContain('flush_failed');
    await world.clock.advance(60_000);
    await drain(world);
    expectAllAnswered(world, [id]);
    expect(itemOf(world, id)).toMatchObject({
      attempts: 2,
      attemptLog: [{ outcome: 'outcome_unknown' }, { outcome: 'answered' }],
    });
  });

  it('settles all the same when the usage could not be recorded', async () => {
    const ids = await acceptPrompts(world, ['x']);
    await drain(world, { around: failing((effect) => effect.port === 'ledger') });
    expectAllAnswered(world, ids);
    expect(world.telemetry.troubles()).toEqual(['usage_not_recorded']);
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
