import { faultOf, rejection, type Script, throttle } from '../../fakes/scripted-model.ts';
import { createWorld, type World } from '../../fakes/world.ts';
import { accept, acceptPrompts, overHttp } from '../submissions.ts';
import { drain, expectAllAnswered, itemOf, notifications, startProcess } from './drains.ts';

const OWN = 'model-haiku';
const SECOND = { model_id: 'model-second', region: 'eu-west-1', name: 'second' };

interface PoolOptions {
  readonly script?: Script;
  /** Of the pool's own model. */
  readonly tokensPerMinute?: number;
  readonly second?: Readonly<Record<string, unknown>>;
  readonly pool?: Readonly<Record<string, unknown>>;
}

const worldWith = ({ script, tokensPerMinute = 10_000_000, second = {}, pool = {} }: PoolOptions): World => {
  const target = { ...SECOND, quota: { tokens_per_minute: 10_000_000 }, ...second };
  const quota = { tokens_per_minute: tokensPerMinute };
  const haiku = { model_id: OWN, quota, prices: { input: 1, output: 5 }, targets: [target], ...pool };
  return createWorld({
    settings: { models: { haiku } },
    ...(script === undefined ? {} : { model: { script } }),
  });
};

const promptsOf = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `p${index}`);

const callsTo = ({ model }: World, modelId: string): number =>
  model.calls.filter((call) => call.modelId === modelId).length;

const unavailable = faultOf('ServiceUnavailableException', 503);

describe('a drain of a pool with several targets', () => {
  it('leaves the others alone while its own model suffices', async () => {
    const world = worldWith({});
    const ids = await acceptPrompts(world, promptsOf(200));
    await drain(world);
    expectAllAnswered(world, ids);
    expect([callsTo(world, OWN), callsTo(world, 'model-second')]).toEqual([200, 0]);
    expect(notifications(world).every(({ target }) => target === OWN)).toBe(true);
  });

  it('uses the next for what its own quota can not take', async () => {
    const world = worldWith({ tokensPerMinute: 10_000 });
    const ids = await acceptPrompts(world, promptsOf(200));
    await drain(world);
    expectAllAnswered(world, ids);
    expect(callsTo(world, OWN)).toBeGreaterThan(0);
    expect(callsTo(world, 'model-second')).toBeGreaterThan(50);
    expect(world.telemetry.total('ModelThrottles')).toBe(0);
  });

  it('asks every target for a lone request before it asks one again', async () => {
    const third = { model_id: 'model-third', region: 'eu-west-2', quota: { tokens_per_minute: 10_000_000 } };
    const second = { ...SECOND, quota: { tokens_per_minute: 10_000_000 } };
    const world = worldWith({
      script: ({ modelId }) => (modelId === 'model-third' ? undefined : unavailable),
      pool: { targets: [second, third] },
    });
    const ids = await acceptPrompts(world, ['alone']);
    await drain(world);
    expectAllAnswered(world, ids);
    expect(world.model.calls.map(({ modelId }) => modelId)).toEqual([OWN, 'model-second', 'model-third']);
  });

  it('tells which target answered, where, and what that cost', async () => {
    const world = worldWith({
      tokensPerMinute: 1,
      second: { prices: { input: 10, output: 50 } },
      pool: { target_patience_seconds: 0 },
    });
    const [first, second] = await acceptPrompts(world, ['one', 'two']);
    await drain(world);
    const results = new Map(notifications(world).map((result) => [result.request_id, result]));
    // 10 tokens in, 20 out.
    expect(results.get(first ?? '')).toMatchObject({
      model: OWN,
      region: 'us-east-1',
      target: OWN,
      cost_usd: 0.000_11,
    });
    expect(results.get(second ?? '')).toMatchObject({
      model: 'model-second',
      region: 'eu-west-1',
      target: 'second',
      cost_usd: 0.0011,
    });
    expect(world.model.calls.map(({ region }) => region)).toEqual([undefined, 'eu-west-1']);
    expect(world.ledger.entries().map(({ costUsd }) => costUsd)).toEqual([0.001_21]);
    expect(itemOf(world, second).attemptLog).toMatchObject([{ target: 'second', outcome: 'answered' }]);
  });

  it('goes on with the other while one has no capacity, and closes the way to that one only', async () => {
    const world = worldWith({ script: ({ modelId }) => (modelId === OWN ? unavailable : undefined) });
    const ids = await acceptPrompts(world, promptsOf(300));
    await drain(world);
    expectAllAnswered(world, ids);
    expect(
      notifications(world).every(({ status, target }) => status === 'succeeded' && target === 'second'),
    ).toBe(true);
    const closed = world.telemetry.measured.filter(({ metric }) => metric === 'TargetClosed');
    expect(new Set(closed.map(({ dimensions }) => dimensions.target))).toEqual(new Set([OWN]));
    // What was under way when it closed; hardly a probe more.
    expect(callsTo(world, OWN)).toBeLessThan(40);
    expect(world.telemetry.total('TargetErrors')).toBe(callsTo(world, OWN));
  });

  it('goes back to its own model once that answers a probe', async () => {
    let broken = true;
    const world = worldWith({
      script: ({ modelId }) => (modelId === OWN && broken ? unavailable : undefined),
    });
    await acceptPrompts(world, promptsOf(50));
    await drain(world);
    broken = false;
    const before = callsTo(world, 'model-second');
    await world.clock.advance(20_000);
    await acceptPrompts(world, ['probe']);
    await drain(world);
    await acceptPrompts(world, ['more', 'and more']);
    await drain(world);
    expect(world.model.calls.slice(-3).map(({ modelId }) => modelId)).toEqual([OWN, OWN, OWN]);
    expect(callsTo(world, 'model-second')).toBe(before);
  });

  it('asks elsewhere when a target may not be called, and fails a request only when none may', async () => {
    const denied = faultOf('AccessDeniedException', 403);
    const some = worldWith({ script: ({ modelId }) => (modelId === OWN ? denied : undefined) });
    await acceptPrompts(some, promptsOf(20));
    await drain(some);
    expect(notifications(some).map(({ status }) => status)).toEqual(Array(20).fill('succeeded'));

    const none = worldWith({ script: () => denied });
    await acceptPrompts(none, ['hopeless']);
    await drain(none);
    expect(notifications(none)).toMatchObject([
      { status: 'failed', attempts: 2, error: { code: 'model_access_denied' } },
    ]);
  });

  it('takes the word of its own model about a request, and of no other', async () => {
    const world = worldWith({
      tokensPerMinute: 3000,
      pool: { target_patience_seconds: 0 },
      script: ({ modelId, prompt }) =>
        modelId === 'model-second' || prompt === 'p0' ? rejection : undefined,
    });
    await acceptPrompts(world, promptsOf(10));
    await drain(world);
    const failed = notifications(world).filter(({ status }) => status === 'failed');
    expect(failed).toMatchObject([{ target: OWN, error: { code: 'model_rejected_request' } }]);
    expect(notifications(world)).toHaveLength(10);
    expect(callsTo(world, 'model-second')).toBeGreaterThan(0);
  });

  it('does not let those that only a closed target can answer stand before the others', async () => {
    let broken = true;
    const world = worldWith({
      second: { lacks: ['tools'] },
      script: ({ modelId }) => (modelId === OWN && broken ? unavailable : undefined),
    });
    const asking = promptsOf(5).map((prompt) =>
      overHttp({
        converse: {
          messages: [{ role: 'user', content: [{ text: `use a tool, ${prompt}` }] }],
          toolConfig: { tools: [] },
          inferenceConfig: { maxTokens: 100 },
        },
      }),
    );
    await acceptPrompts(world, promptsOf(5));
    const acceptances = await accept(world, asking);
    const withTools = acceptances.map((one) => (one.kind === 'accepted' ? one.item.requestId : one.kind));
    await acceptPrompts(
      world,
      promptsOf(40).map((prompt) => `then ${prompt}`),
    );
    const { outcome } = startProcess(world);
    await world.clock.advance(8_000);
    expect(notifications(world).length).toBe(45);
    broken = false;
    await world.clock.run(outcome);
    for (let wake = 0; wake < 10; wake += 1) {
      await world.clock.advance(60_000);
      await drain(world);
    }
    expectAllAnswered(world, withTools);
    expect(withTools.map((id) => itemOf(world, id).attemptLog.at(-1)?.target)).toEqual(Array(5).fill(OWN));
  });

  it('leaves each target’s state to its successor', async () => {
    const world = worldWith({
      tokensPerMinute: 20_000,
      script: ({ modelId }, before) => (modelId === 'model-second' && before === 0 ? throttle : undefined),
    });
    await acceptPrompts(world, promptsOf(60));
    await drain(world);
    const lease = await world.pools.acquire('haiku', world.clock.nowMs(), 10_000);
    const snapshot = lease?.snapshot;
    expect(snapshot).toMatchObject({
      target: OWN,
      levels: {},
      targets: { [OWN]: {}, second: { governor: {} } },
    });
    expect(Buffer.byteLength(JSON.stringify(snapshot))).toBeLessThan(6_000);
  });

  it('shows each target to those who read', async () => {
    const world = worldWith({ script: ({ modelId }) => (modelId === OWN ? unavailable : undefined) });
    await acceptPrompts(world, promptsOf(60));
    const { outcome } = startProcess(world);
    await world.clock.advance(4_000);
    const report = await world.pools.readReport('haiku');
    expect(report?.targets).toMatchObject([
      { name: OWN, breaker: 'open' },
      { name: 'second', breaker: 'closed' },
    ]);
    await world.clock.run(outcome);
  });
});
