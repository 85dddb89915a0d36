import { createWorld, type World } from '../../fakes/world.ts';
import {
  accept,
  acceptedItem,
  acceptPrompts,
  fromQueue,
  HIGH_LANE,
  heldIn,
  LOW_LANE,
  NORMAL_LANE,
  overHttp,
} from '../submissions.ts';

describe('accept-requests', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld();
  });

  it('writes the state item and the lane message', async () => {
    const item = await acceptedItem(world, overHttp({ prompt: 'hello', custom_id: 'order-7' }));
    expect(item).toEqual({
      requestId: expect.stringMatching(/^req_[0-9A-Z]{26}$/),
      customId: 'order-7',
      tenant: 'default',
      pool: 'haiku',
      priority: 'normal',
      status: 'queued',
      fingerprint: expect.stringMatching(/^[\w-]{22}$/),
      acceptedAtMs: 1_769_860_800_000,
      expiresAtMs: 1_770_292_800_000,
      claims: 0,
      attempts: 0,
      serviceFaults: 0,
      crashes: 0,
      suspectCrashes: 0,
      attemptLog: [],
    });
    expect(world.requests.all()).toEqual([item]);
    expect(heldIn(world, NORMAL_LANE)).toEqual([
      {
        request_id: item.requestId,
        custom_id: 'order-7',
        tenant: 'default',
        pool: 'haiku',
        priority: 'normal',
        accepted_at_ms: 1_769_860_800_000,
        expires_at_ms: 1_770_292_800_000,
        max_tokens: 1024,
        input_tokens_estimate: expect.any(Number),
        converse: {
          messages: [{ role: 'user', content: [{ text: 'hello' }] }],
          inferenceConfig: { maxTokens: 1024 },
        },
        metadata: {},
      },
    ]);
  });

  it('puts each priority into its own lane, grouped by tenant', async () => {
    await accept(world, [
      fromQueue('m-1', { prompt: 'a', priority: 'high', tenant: 'alpha' }),
      fromQueue('m-2', { prompt: 'b', priority: 'low', tenant: 'beta' }),
      fromQueue('m-3', { prompt: 'c', tenant: 'gamma' }),
    ]);
    expect([HIGH_LANE, NORMAL_LANE, LOW_LANE].map((lane) => world.queues.groupIds(lane))).toEqual([
      ['alpha'],
      ['gamma'],
      ['beta'],
    ]);
  });

  it('gives requests without a key ids of their own, though they are the same', async () => {
    const ids = await acceptPrompts(world, ['same', 'same']);
    expect(new Set(ids).size).toBe(2);
    expect(world.requests.all()).toHaveLength(2);
  });

  it('escapes what a queue would refuse', async () => {
    await acceptPrompts(world, ['odd \uffff \ufffe']);
    expect(world.queues.bodies(NORMAL_LANE)[0]).toContain('odd \\uffff \\ufffe');
    expect(heldIn(world, NORMAL_LANE)[0]?.converse?.messages[0]?.content).toEqual([
      { text: 'odd \uffff \ufffe' },
    ]);
  });

  it('parks a request above 200 KB and leaves its key in the lane', async () => {
    // No run of characters repeats, so that compression does not bring it under the limit.
    const prompt = Array.from({ length: 90_000 }, (_, index) =>
      ((index * 7919) % 99_991).toString(36),
    ).join();
    const [id = ''] = await acceptPrompts(world, [prompt]);
    expect(world.queues.bodies(NORMAL_LANE)).toEqual([`parked:haiku:${id}`]);
    expect(JSON.parse(world.objects.text(`inputs/haiku/${id}.json`))).toMatchObject({
      request_id: id,
      converse: { messages: [{ content: [{ text: prompt }] }] },
    });
  });

  it('compresses what is long and repeats itself', async () => {
    await acceptPrompts(world, ['again and '.repeat(30_000)]);
    expect(world.queues.bodies(NORMAL_LANE)[0]).toMatch(/^z:/);
    expect(world.objects.keys()).toEqual([]);
  });

  it('refuses a request with all its faults, and writes nothing', async () => {
    const [acceptance] = await accept(world, [overHttp({ promt: 'x', max_tokens: 0, priority: 'urgent' })]);
    expect(acceptance).toMatchObject({ kind: 'refused', problem: { code: 'invalid_request', status: 422 } });
    const pointers =
      acceptance?.kind === 'refused' ? acceptance.problem.errors?.map(({ pointer }) => pointer) : [];
    expect(pointers?.toSorted()).toEqual(['', '/max_tokens', '/priority', '/promt']);
    expect(world.requests.all()).toEqual([]);
    expect(world.queues.bodies('wake')).toEqual([]);
  });

  it('refuses two keys that differ, and takes two that are the same', async () => {
    const body = { prompt: 'x', idempotency_key: 'in-body' };
    expect(await accept(world, [overHttp(body, { idempotencyKey: 'in-header' })])).toMatchObject([
      {
        kind: 'refused',
        problem: { errors: [{ pointer: '/idempotency_key', code: 'conflicting_fields' }] },
      },
    ]);
    expect(await accept(world, [overHttp(body, { idempotencyKey: 'in-body' })])).toMatchObject([
      { kind: 'accepted' },
    ]);
  });

  it('counts what each door took and refused', async () => {
    await accept(world, [overHttp({ prompt: 'x' }), overHttp({}), overHttp({ prompt: 'y' })]);
    expect(world.telemetry.measured).toEqual([
      { metric: 'RequestsAccepted', value: 2, dimensions: { door: 'http' } },
      { metric: 'RequestsRefused', value: 1, dimensions: { door: 'http' } },
    ]);
  });
});
