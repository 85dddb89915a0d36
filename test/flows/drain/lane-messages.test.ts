import { type Around, failing, firstCalls, nameOf } from '../../fakes/interpose.ts';
import { serviceFault, throttle } from '../../fakes/scripted-model.ts';
import { createWorld, type World } from '../../fakes/world.ts';
import { accept, acceptedItem, acceptPrompts, NORMAL_LANE, overHttp } from '../submissions.ts';
import {
  contents,
  drain,
  expectAllAnswered,
  itemOf,
  notifications,
  startDrain,
  waitingInLanes,
} from './drains.ts';

describe('a drain that meets a lane message', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld();
  });

  it('takes two messages of one request for one call, and removes both', async () => {
    const keyed = overHttp({ prompt: 'once' }, { idempotencyKey: 'k-1' });
    const { requestId } = await acceptedItem(world, keyed);
    await accept(world, [keyed, keyed]);
    expect(world.queues.bodies(NORMAL_LANE)).toHaveLength(3);
    await drain(world);
    expect(world.model.prompts()).toEqual(['once']);
    expectAllAnswered(world, [requestId]);
    expect(notifications(world)).toHaveLength(1);
  });

  it('takes a second delivery during the call for the same request', async () => {
    const ids = await acceptPrompts(world, ['once']);
    const outcome = startDrain(world);
    await world.clock.advance(500);
    world.queues.duplicate(NORMAL_LANE);
    await world.clock.run(outcome);
    expect(world.model.prompts()).toEqual(['once']);
    expectAllAnswered(world, ids);
  });

  it('repeats the answer of a request that has ended, and removes the message', async () => {
    const [id] = await acceptPrompts(world, ['done']);
    world.queues.duplicate(NORMAL_LANE);
    const [twin] = await world.queues.receive(NORMAL_LANE, { max: 1, waitSeconds: 0 });
    await drain(world);
    const first = notifications(world);
    await world.queues.setVisibility([{ queue: NORMAL_LANE, receipt: twin?.receipt ?? '' }], 0);
    expect(await drain(world)).toEqual({ kind: 'worked', reason: 'idle', finished: 0 });
    expect(notifications(world)).toEqual([...first, ...first]);
    expect(world.model.calls).toHaveLength(1);
    expectAllAnswered(world, [id ?? '']);
  });

  it('repeats what the state item tells when the stored answer is gone', async () => {
    const [id] = await acceptPrompts(world, ['done']);
    const body = world.queues.bodies(NORMAL_LANE)[0] ?? '';
    await drain(world);
    world.objects.forget(world.objects.keys()[0] ?? '');
    await world.queues.send(NORMAL_LANE, [{ body }]);
    await drain(world);
    expect(notifications(world)[1]).toMatchObject({ request_id: id, status: 'succeeded', content: null });
  });

  it('keeps the message of an ended request while its notification is not taken', async () => {
    await acceptPrompts(world, ['done']);
    const body = world.queues.bodies(NORMAL_LANE)[0] ?? '';
    await drain(world);
    await world.queues.send(NORMAL_LANE, [{ body }]);
    world.queues.refuse('results', () => true);
    void startDrain(world);
    await world.clock.advance(5000);
    expect(waitingInLanes(world)).toBe(1);
    world.queues.refuse('results', () => false);
    await world.clock.advance(5000);
    expect(waitingInLanes(world)).toBe(0);
    expect(notifications(world)).toHaveLength(2);
  });

  it('expires a request without a call', async () => {
    const [id] = await acceptPrompts(world, ['late'], { expires_in_seconds: 60 });
    await world.clock.advance(60_000);
    await drain(world);
    expect(world.model.calls).toEqual([]);
    expect(itemOf(world, id)).toMatchObject({ status: 'expired', attempts: 0, errorCode: 'deadline_passed' });
    expect(notifications(world)).toMatchObject([
      { status: 'expired', attempts: 0, content: null, latency_ms: null, error: { code: 'deadline_passed' } },
    ]);
    expect(waitingInLanes(world)).toBe(0);
  });

  it('expires a request that only ever met throttles at no attempt', async () => {
    const throttled = createWorld({ model: { script: () => throttle } });
    const [id] = await acceptPrompts(throttled, ['unlucky'], { expires_in_seconds: 20 });
    await drain(throttled);
    expect(itemOf(throttled, id)).toMatchObject({ status: 'expired', attempts: 0 });
    expect(itemOf(throttled, id).attemptLog.at(-1)?.outcome).toBe('throttled');
    expect(notifications(throttled)).toMatchObject([{ status: 'expired', attempts: 0 }]);
  });

  it('expires a request that met faults of the service with the attempts it made', async () => {
    const shaky = createWorld({ model: { script: () => serviceFault, latencyMs: () => 4000 } });
    const [id] = await acceptPrompts(shaky, ['unlucky'], { expires_in_seconds: 6 });
    await drain(shaky);
    expect(itemOf(shaky, id)).toMatchObject({ status: 'expired', attempts: shaky.model.calls.length });
    expect(itemOf(shaky, id).attemptLog.at(-1)?.outcome).toBe('service_fault');
  });

  it('puts a request that another may be running back for later', async () => {
    const [id = ''] = await acceptPrompts(world, ['busy']);
    await world.pools.acquire('haiku', world.clock.nowMs(), 1);
    await world.requests.claim(id, {
      epoch: 1,
      nowMs: world.clock.nowMs(),
      attemptUntilMs: world.clock.nowMs() + 50_000,
      liveEpochs: [1],
    });
    await world.clock.advance(10);
    expect(await drain(world)).toEqual({ kind: 'worked', reason: 'idle', finished: 0 });
    expect(world.model.calls).toEqual([]);
    expect(waitingInLanes(world)).toBe(1);
    expect(await world.queues.receive(NORMAL_LANE, { max: 1, waitSeconds: 0 })).toEqual([]);
    await world.clock.advance(60_000);
    await drain(world);
    expect(itemOf(world, id)).toMatchObject({
      status: 'succeeded',
      attempts: 2,
      attemptLog: [
        { epoch: 1, outcome: 'outcome_unknown' },
        { epoch: 3, outcome: 'answered' },
      ],
    });
  });

  it('sends what it can not read to the dead letters, and goes on', async () => {
    await world.queues.send(NORMAL_LANE, [
      { body: 'not json' },
      { body: '{"request_id":"req_1"}' },
      { body: 'z:!' },
    ]);
    const ids = await acceptPrompts(world, ['readable']);
    await drain(world);
    expect(world.queues.bodies('dead-letter-haiku').toSorted()).toEqual([
      'not json',
      'z:!',
      '{"request_id":"req_1"}',
    ]);
    expectAllAnswered(world, ids);
    expect(contents(world)).toEqual(['answer to readable']);
  });

  it('removes the message of a request that nobody knows any more', async () => {
    const [id = ''] = await acceptPrompts(world, ['forgotten']);
    world.requests.forget(id);
    await drain(world);
    expect(world.model.calls).toEqual([]);
    expect(waitingInLanes(world)).toBe(0);
    expect(world.telemetry.troubles()).toEqual(['request_without_state']);
  });

  describe('of a parked request', () => {
    const large = Array.from({ length: 90_000 }, (_, index) => ((index * 7919) % 99_991).toString(36)).join();

    it('fetches and answers it', async () => {
      const ids = await acceptPrompts(world, [large]);
      await drain(world);
      expect(world.model.prompts()).toEqual([large]);
      expectAllAnswered(world, ids);
    });

    it('looks for it again when the bucket did not answer', async () => {
      const ids = await acceptPrompts(world, [large]);
      await drain(world, { around: failing(firstCalls('objects.get', 1)) });
      await world.clock.advance(60_000);
      await drain(world);
      expectAllAnswered(world, ids);
    });

    it('ends it as failed, and says so, when its text is gone', async () => {
      const ids = await acceptPrompts(world, [large], { custom_id: 'big' });
      world.objects.forget(`inputs/haiku/${ids[0]}.json`);
      await drain(world);
      expect(world.model.calls).toEqual([]);
      expectAllAnswered(world, ids);
      expect(notifications(world)).toMatchObject([
        { request_id: ids[0], custom_id: 'big', status: 'failed', error: { code: 'unreadable_request' } },
      ]);
    });

    it('tells its answer again when its text is gone after its end', async () => {
      const [id = ''] = await acceptPrompts(world, [large]);
      await drain(world);
      world.objects.forget(`inputs/haiku/${id}.json`);
      await world.queues.send(NORMAL_LANE, [{ body: `parked:haiku:${id}` }]);
      await drain(world);
      expect(notifications(world).map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
      expect(waitingInLanes(world)).toBe(0);
    });

    it('tells results above 200 KB apart: they lie alone, and the queue gets them without their text', async () => {
      const ids = await acceptPrompts(world, [large]);
      await drain(world);
      const key = `results/haiku/2026/01/31/12/segment-1-${ids[0]}.jsonl`;
      expect(itemOf(world, ids[0]).result?.key).toBe(key);
      expect(world.objects.keys()).toContain(key);
      expect(notifications(world)).toMatchObject([
        { status: 'succeeded', content: null, output: null, truncated: true },
      ]);
    });
  });

  it('looks again at a lane that could not be read', async () => {
    const ids = await acceptPrompts(world, ['x']);
    await drain(world, { around: failing(firstCalls('queues.receive', 5)) });
    expectAllAnswered(world, ids);
    expect(world.telemetry.troubles()).toContain('lane_not_read');
  });

  it('tries a claim that failed again, and counts an attempt that may have been made', async () => {
    const [id = ''] = await acceptPrompts(world, ['x']);
    await drain(world, { around: failing(firstCalls('requests.claim', 1), 'after') });
    await world.clock.advance(6000);
    await drain(world);
    expect(itemOf(world, id)).toMatchObject({
      status: 'succeeded',
      attempts: 2,
      attemptLog: [{ outcome: 'outcome_unknown' }, { outcome: 'answered' }],
    });
    expectAllAnswered(world, [id]);
  });

  it('keeps a lane’s message hidden, also from itself, as long as it is in hand', async () => {
    const slow = createWorld({ model: { latencyMs: () => 200_000 } });
    const ids = await acceptPrompts(slow, ['slow'], { max_tokens: 5000 });
    let deliveries = 0;
    const around: Around = async (effect, perform) => {
      const answer = await perform();
      if (effect.method === 'receive' && Array.isArray(answer)) deliveries += answer.length;
      return answer;
    };
    await drain(slow, { around });
    expect(slow.clock.monotonicMs()).toBeGreaterThan(200_000);
    expect(deliveries).toBe(1);
    expectAllAnswered(slow, ids);
  });

  it('stages no more than it may hold, and gives urgent work the places that low work left', async () => {
    const tight = createWorld({ settings: { queue_depth_threshold: 10, max_concurrent_executions: 1 } });
    await acceptPrompts(
      tight,
      Array.from({ length: 40 }, (_, index) => `low${index}`),
      { priority: 'low' },
    );
    const outcome = startDrain(tight);
    await tight.clock.advance(3000);
    const inHand =
      40 - (await tight.queues.receive('hold-haiku-low-express', { max: 10, waitSeconds: 0 })).length;
    expect(inHand).toBe(30);
    await acceptPrompts(tight, ['urgent'], { priority: 'high' });
    await tight.clock.advance(5000);
    expect(tight.model.prompts()).toContain('urgent');
    await tight.clock.run(outcome);
  });

  it('uses nothing that a failing port throws at it as an excuse to stop', async () => {
    const ids = await acceptPrompts(world, ['a', 'b', 'c']);
    const isFifth = (() => {
      let seen = 0;
      return () => {
        seen += 1;
        return seen % 5 === 0;
      };
    })();
    const around = failing(
      (effect) => nameOf(effect) !== 'pools.acquire' && effect.port !== 'queues' && isFifth(),
    );
    await drain(world, { around });
    await world.clock.advance(60_000);
    await drain(world);
    expectAllAnswered(world, ids);
  });
});

describe('a drain that meets a message of another pool', () => {
  it('sets it aside, and calls no model', async () => {
    const world = createWorld();
    const body = await bodyOfAnother(world);
    await world.queues.send(NORMAL_LANE, [{ body }]);
    await drain(world);
    expect(world.model.calls).toEqual([]);
    expect(world.queues.bodies('dead-letter-haiku')).toEqual([body]);
  });
});

const bodyOfAnother = async (world: World): Promise<string> => {
  await acceptPrompts(world, ['theirs']);
  const [message] = await world.queues.receive(NORMAL_LANE, { max: 1, waitSeconds: 0 });
  if (message === undefined) throw new Error('Nothing was accepted.');
  await world.queues.remove([{ queue: NORMAL_LANE, receipt: message.receipt }]);
  return message.body.replace('"pool":"haiku"', '"pool":"other"');
};
