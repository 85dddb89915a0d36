import { rejection, serviceFault, throttle } from '../../fakes/scripted-model.ts';
import { createWorld, type World } from '../../fakes/world.ts';
import { accept, acceptPrompts, overHttp } from '../submissions.ts';
import { contents, drain, expectAllAnswered, itemOf, notifications } from './drains.ts';

const prompts = (count: number, prefix = 'p'): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

const mostUnderWay = ({ model }: World): number =>
  Math.max(
    ...model.calls.map(
      ({ startedAtMs }) =>
        model.calls.filter((call) => call.startedAtMs <= startedAtMs && startedAtMs < (call.endedAtMs ?? 0))
          .length,
    ),
  );

describe('a drain', () => {
  it('answers everything that waits, once, and ends when it is idle', async () => {
    const world = createWorld();
    const ids = await acceptPrompts(world, prompts(250));
    expect(await drain(world)).toEqual({ kind: 'worked', reason: 'idle', finished: 250 });
    expectAllAnswered(world, ids);
    expect(world.model.calls).toHaveLength(250);
    expect(notifications(world)).toHaveLength(250);
  });

  it('writes down the whole result of a request', async () => {
    const world = createWorld({
      settings: {
        models: {
          haiku: {
            model_id: 'model-haiku',
            quota: { tokens_per_minute: 10_000_000 },
            prices: { input: 1, output: 5 },
          },
        },
      },
    });
    const [id = ''] = await acceptPrompts(world, ['hello'], {
      metadata: { team: 'a' },
      custom_id: 'order-1',
    });
    await drain(world);
    const [result] = notifications(world);
    expect(result).toEqual({
      request_id: id,
      custom_id: 'order-1',
      tenant: 'default',
      status: 'succeeded',
      model: 'model-haiku',
      pool: 'haiku',
      priority: 'normal',
      accepted_at: '2026-01-31T12:00:00.000Z',
      expires_at: '2026-02-05T12:00:00.000Z',
      attempts: 1,
      region: 'us-east-1',
      content: 'answer to hello',
      output: { message: { role: 'assistant', content: [{ text: 'answer to hello' }] } },
      stop_reason: 'end_turn',
      usage: { input_tokens: 10, output_tokens: 20, cache_read_tokens: 0, cache_write_tokens: 0 },
      cost_usd: 0.00011,
      latency_ms: 1005,
      wait_ms: expect.any(Number),
      finished_at: expect.stringMatching(/^2026-01-31T12:00:0\d\.\d{3}Z$/),
      error: null,
      metadata: { team: 'a' },
    });
    const item = itemOf(world, id);
    expect(item).toMatchObject({
      status: 'succeeded',
      attempts: 1,
      attemptLog: [{ epoch: 1, outcome: 'answered' }],
      result: { key: 'results/haiku/2026/01/31/12/segment-1.jsonl', offsetBytes: 0 },
      costUsd: 0.00011,
    });
    const stored = await world.objects.get(item.result?.key ?? '', item.result);
    expect(JSON.parse(Buffer.from(stored ?? []).toString())).toEqual(result);
  });

  it('packs a flush into one object, and each result is found by its range', async () => {
    const world = createWorld();
    const ids = await acceptPrompts(world, ['ä', 'b', 'ç']);
    await drain(world);
    expect(world.objects.keys()).toEqual(['results/haiku/2026/01/31/12/segment-1.jsonl']);
    const read = await Promise.all(
      ids.map(async (id) => {
        const { result } = itemOf(world, id);
        return JSON.parse(Buffer.from((await world.objects.get(result?.key ?? '', result)) ?? []).toString());
      }),
    );
    expect(read.map(({ content }) => content)).toEqual(['answer to ä', 'answer to b', 'answer to ç']);
    expect(world.ledger.entries()).toMatchObject([
      {
        pool: 'haiku',
        segment: 'segment-1',
        requests: 3,
        outcomes: { succeeded: 3 },
        inputTokens: 30,
        outputTokens: 60,
        costUsd: null,
        lostAttempts: 0,
      },
    ]);
  });

  it('is not needed while another holds the lease', async () => {
    const world = createWorld();
    await world.pools.acquire('haiku', world.clock.nowMs(), 600_000);
    await acceptPrompts(world, ['x']);
    expect(await drain(world)).toEqual({ kind: 'not_needed' });
    expect(world.model.calls).toEqual([]);
  });

  it('ends within seconds when there is nothing to do, and leaves the pool free', async () => {
    const world = createWorld();
    expect(await drain(world)).toEqual({ kind: 'worked', reason: 'idle', finished: 0 });
    expect(world.clock.monotonicMs()).toBeLessThan(6000);
    expect(await world.pools.isHeld('haiku', world.clock.nowMs())).toBe(false);
  });

  it('sends the most urgent first when the quota is tight', async () => {
    const world = createWorld({
      settings: {
        models: { haiku: { model_id: 'm', quota: { tokens_per_minute: 10_000, requests_per_minute: 60 } } },
        max_concurrent_executions: 1,
      },
    });
    await acceptPrompts(world, prompts(5, 'low'), { priority: 'low' });
    await acceptPrompts(world, prompts(5, 'normal'));
    await acceptPrompts(world, prompts(5, 'high'), { priority: 'high' });
    await drain(world);
    const order = world.model.prompts().map((prompt) => prompt.replace(/\d/, ''));
    // The first goes to whichever lane answered first.
    expect(order.slice(1).join(' ')).toMatch(/^(high ){4,5}(normal ){4,5}(low ?){4,5}$/);
  });

  it('never has more calls under way than it may', async () => {
    const world = createWorld({ settings: { max_concurrent_executions: 3 } });
    await acceptPrompts(world, prompts(12));
    await drain(world);
    expect(mostUnderWay(world)).toBe(3);
  });

  it('spends no more tokens than the quota refills', async () => {
    const world = createWorld({
      settings: { models: { haiku: { model_id: 'm', quota: { tokens_per_minute: 12_000 }, burndown: 1 } } },
    });
    await acceptPrompts(world, prompts(60), { max_tokens: 1000 });
    await drain(world);
    // 60 answers charge 30 tokens each, but each holds 1,000 while it runs: the quota has twelve of those.
    expect(mostUnderWay(world)).toBeLessThanOrEqual(12);
    expect(mostUnderWay(world)).toBeGreaterThan(1);
  });

  it('tries a throttled request again before its class, at no attempt', async () => {
    const world = createWorld({
      settings: { max_concurrent_executions: 1 },
      model: { script: ({ prompt }, before) => (prompt === 'p0' && before < 3 ? throttle : undefined) },
    });
    const ids = await acceptPrompts(world, prompts(3));
    await drain(world);
    expect(world.model.prompts()).toEqual(['p0', 'p0', 'p0', 'p0', 'p1', 'p2']);
    expect(itemOf(world, ids[0])).toMatchObject({
      attempts: 1,
      attemptLog: [{ outcome: 'throttled' }, { outcome: 'throttled' }, { outcome: 'answered' }],
    });
    expectAllAnswered(world, ids);
    expect(world.telemetry.total('ModelThrottles')).toBe(3);
    expect(world.telemetry.total('ModelErrors')).toBe(0);
  });

  it('throttles cost nothing, however many: the ninth does not end a request', async () => {
    const world = createWorld({ model: { script: (_, before) => (before < 20 ? throttle : undefined) } });
    const ids = await acceptPrompts(world, ['stormy']);
    await drain(world);
    expect(itemOf(world, ids[0])).toMatchObject({ status: 'succeeded', attempts: 1 });
  });

  it('goes on after a throttle of the day', async () => {
    const daily = {
      kind: 'fault',
      fault: { name: 'ThrottlingException', status: 429, message: 'Too many tokens per day' },
    } as const;
    const world = createWorld({ model: { script: (_, before) => (before === 0 ? daily : undefined) } });
    const [id] = await acceptPrompts(world, ['tomorrow']);
    // It waits longer than one function lives: the next one goes on.
    expect(await drain(world)).toMatchObject({ reason: 'time', finished: 0 });
    expect(itemOf(world, id)).toMatchObject({ status: 'queued', attempts: 0 });
    await world.clock.advance(60_000);
    expect(await drain(world)).toMatchObject({ reason: 'idle', finished: 1 });
    expect(itemOf(world, id)).toMatchObject({ status: 'succeeded', attempts: 1 });
  });

  it('tries again after faults of the service, with growing pauses', async () => {
    const world = createWorld({ model: { script: (_, before) => (before < 3 ? serviceFault : undefined) } });
    const [id] = await acceptPrompts(world, ['shaky']);
    await drain(world);
    expect(itemOf(world, id)).toMatchObject({ status: 'succeeded', attempts: 4 });
    const pauses = world.model.calls
      .slice(1)
      .map(({ startedAtMs }, index) => startedAtMs - (world.model.calls[index]?.endedAtMs ?? 0));
    expect(pauses.map((pauseMs, index) => pauseMs >= 0 && pauseMs < 500 * 2 ** index + 300)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('fails after eight faults of the service, and keeps a dead letter to send again', async () => {
    const world = createWorld({ model: { script: () => serviceFault } });
    const [id] = await acceptPrompts(world, ['hopeless']);
    await drain(world);
    expect(world.model.calls).toHaveLength(8);
    expect(itemOf(world, id)).toMatchObject({
      status: 'failed',
      attempts: 8,
      errorCode: 'model_unavailable',
    });
    expect(notifications(world)).toMatchObject([
      {
        status: 'failed',
        attempts: 8,
        content: null,
        usage: null,
        error: { code: 'model_unavailable', retryable: true },
      },
    ]);
    expect(world.queues.bodies('dead-letter-haiku').map((body) => JSON.parse(body))).toMatchObject([
      {
        request_id: id,
        lane_message: expect.stringContaining('hopeless'),
        error: { code: 'model_unavailable' },
        attempts: 8,
      },
    ]);
  });

  it('does not count attempts that its own end cut short among those eight', async () => {
    const world = createWorld({ model: { script: () => serviceFault } });
    const [id = ''] = await acceptPrompts(world, ['unlucky']);
    world.requests.put({ ...itemOf(world, id), claims: 9, attempts: 9 });
    await drain(world);
    expect(world.model.calls).toHaveLength(8);
    expect(itemOf(world, id)).toMatchObject({ status: 'failed', attempts: 17, serviceFaults: 7 });
  });

  it('sends the dead letter again when it did not get through', async () => {
    const world = createWorld({ model: { script: () => serviceFault } });
    const ids = await acceptPrompts(world, ['hopeless']);
    world.queues.refuse('dead-letter-haiku', () => true);
    await drain(world);
    expect(world.queues.bodies('dead-letter-haiku')).toEqual([]);
    world.queues.refuse('dead-letter-haiku', () => false);
    await world.clock.advance(60_000);
    await drain(world);
    expect(world.queues.bodies('dead-letter-haiku').map((body) => JSON.parse(body).request_id)).toEqual(ids);
    expectAllAnswered(world, ids);
    expect(world.model.calls).toHaveLength(8);
  });

  it('lets others go on while one backs off', async () => {
    const world = createWorld({
      settings: { max_concurrent_executions: 1 },
      model: { script: ({ prompt }) => (prompt === 'p0' ? serviceFault : undefined) },
    });
    await acceptPrompts(world, prompts(5));
    await drain(world);
    expect(contents(world).slice(0, 4)).toEqual([
      'answer to p1',
      'answer to p2',
      'answer to p3',
      'answer to p4',
    ]);
  });

  it.each([
    ['ValidationException', 400, 'temperature is not allowed', 'model_rejected_request', 0],
    ['ValidationException', 400, 'Input is too long for requested model.', 'context_too_long', 0],
    ['AccessDeniedException', 403, 'no access', 'model_access_denied', 1],
    ['ResourceNotFoundException', 404, 'no such model', 'model_not_found', 1],
  ])('fails at once for %s %d, with the service’s own words: %s', async (...expected) => {
    const [name, status, message, code, letters] = expected;
    const world = createWorld({
      model: { script: () => ({ kind: 'fault', fault: { name, status, message } }) },
    });
    const [id] = await acceptPrompts(world, ['refused']);
    await drain(world);
    expect(world.model.calls).toHaveLength(1);
    expect(itemOf(world, id)).toMatchObject({ status: 'failed', attempts: 1, errorCode: code });
    expect(notifications(world)).toMatchObject([{ status: 'failed', error: { code, detail: message } }]);
    expect(world.queues.bodies('dead-letter-haiku')).toHaveLength(letters);
  });

  it('is not held up for the others by one tenant whose every request is rejected', async () => {
    const world = createWorld({
      settings: { max_concurrent_executions: 2 },
      model: { script: ({ prompt }) => (prompt.startsWith('bad') ? rejection : undefined) },
    });
    const of = (provenTenant: string, prefix: string) =>
      prompts(20, prefix).map((prompt) => overHttp({ prompt, max_tokens: 100 }, { provenTenant }));
    await accept(world, [...of('a', 'bad'), ...of('b', 'good')]);
    await drain(world);

    expect(contents(world).filter((content) => content !== null)).toHaveLength(20);
    // Forty calls of a second, two at once: nothing waits for anything but a free place.
    const [first] = world.model.calls;
    const spanMs = (world.model.calls.at(-1)?.endedAtMs ?? 0) - (first?.startedAtMs ?? 0);
    expect(world.model.calls).toHaveLength(40);
    expect(spanMs).toBeLessThan(21_000);
    expect(world.telemetry.total('ModelErrors')).toBe(20);
  });

  it('gives up a call that takes longer than its attempt may, and tries again', async () => {
    const world = createWorld({ model: { latencyMs: () => 3_600_000 } });
    const [id] = await acceptPrompts(world, ['slow']);
    void drain(world, { lifeMs: 3_600_000 });
    await world.clock.advance(45_000);
    // 30 s and 100 tokens at the slowest pace, less the margin of two seconds.
    expect(world.model.calls.map(({ timeoutMs }) => Math.round(timeoutMs / 1000))).toEqual([38, 38]);
    expect(itemOf(world, id)).toMatchObject({
      status: 'running',
      attempts: 2,
      attemptLog: [{ outcome: 'service_fault' }, {}],
    });
  });
});
