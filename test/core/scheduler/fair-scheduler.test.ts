import fc from 'fast-check';
import { PRIORITIES, type Priority } from '../../../shared/contract/priorities.ts';
import type { Permission } from '../../../shared/core/governor/governor.ts';
import {
  createFairScheduler,
  type FairSchedulerOptions,
} from '../../../shared/core/scheduler/fair-scheduler.ts';
import type { Scheduler } from '../../../shared/core/scheduler/scheduler.ts';

interface Waiting {
  readonly id: string;
  readonly priority: Priority;
  readonly tenant: string;
  readonly costTokens: number;
  readonly maxTokens: number;
  readonly expiresAtMs: number;
}

const NEVER = 1_000_000_000_000;
const GO: Permission = { go: true };
const tooLarge = (waitMs = 1000): Permission => ({ go: false, limit: 'tokens_per_minute', waitMs });

const request = (id: string, fields: Partial<Waiting> = {}): Waiting => ({
  id,
  priority: 'normal',
  tenant: 'default',
  costTokens: 100,
  maxTokens: 100,
  expiresAtMs: NEVER,
  ...fields,
});

const schedulerOf = (
  requests: readonly Waiting[],
  options: Partial<FairSchedulerOptions<Waiting>> = {},
): Scheduler<Waiting> => {
  const scheduler = createFairScheduler<Waiting>({ shapeOf: (each) => each, ...options });
  for (const each of requests) scheduler.add(each, 0);
  return scheduler;
};

/** Takes out up to so many, in the order in which they are served. */
const serve = (
  scheduler: Scheduler<Waiting>,
  count = Number.POSITIVE_INFINITY,
  nowMs = 0,
): readonly Waiting[] => {
  const served: Waiting[] = [];
  while (served.length < count) {
    const picked = scheduler.pick(nowMs, () => GO);
    if (picked === undefined) break;
    scheduler.remove(picked.request);
    served.push(picked.request);
  }
  return served;
};

const idsOf = (requests: readonly Waiting[]): readonly string[] => requests.map(({ id }) => id);
const many = (count: number, prefix: string, fields: Partial<Waiting> = {}): readonly Waiting[] =>
  Array.from({ length: count }, (_, index) => request(`${prefix}${index}`, fields));
const tokensOf = (requests: readonly Waiting[], tenant: string): number =>
  requests.filter((each) => each.tenant === tenant).reduce((sum, { costTokens }) => sum + costTokens, 0);

describe('within one class and tenant', () => {
  it('serves first come first served', () => {
    expect(idsOf(serve(schedulerOf([request('1'), request('2'), request('3')])))).toEqual(['1', '2', '3']);
  });

  it('serves the earliest deadline first', () => {
    const scheduler = schedulerOf([
      request('late', { expiresAtMs: 90_000 }),
      request('soon', { expiresAtMs: 20_000 }),
      request('open'),
    ]);
    expect(idsOf(serve(scheduler))).toEqual(['soon', 'late', 'open']);
  });

  it('serves long answers first where nothing else decides', () => {
    const scheduler = schedulerOf([
      request('short', { maxTokens: 10 }),
      request('long', { maxTokens: 1000 }),
      request('earlier', { maxTokens: 10, expiresAtMs: NEVER - 2000 }),
    ]);
    expect(idsOf(serve(scheduler))).toEqual(['earlier', 'long', 'short']);
  });

  it('serves what is expired last, and gives it out to be ended', () => {
    const expired = request('expired', { expiresAtMs: 10_000 });
    const scheduler = schedulerOf([expired, request('open')]);
    expect(scheduler.peek(9_999)?.id).toBe('expired');
    expect(scheduler.peek(10_000)?.id).toBe('open');
    expect(scheduler.staged()).toEqual({ high: 0, normal: 2, low: 0 });

    expect(scheduler.takeExpired(10_000)).toEqual([expired]);
    expect(scheduler.takeExpired(10_000)).toEqual([]);
    expect(scheduler.staged()).toEqual({ high: 0, normal: 1, low: 0 });
  });

  it('gives out every expired one, in whatever place it waits', () => {
    const at = (id: string, fields: Partial<Waiting> = {}) => request(id, { expiresAtMs: 10_000, ...fields });
    const scheduler = schedulerOf([
      at('behind', { maxTokens: 1 }),
      at('another tenant', { tenant: 'b' }),
      at('paused', { tenant: 'c' }),
      at('low', { priority: 'low' }),
      request('open', { tenant: 'b' }),
    ]);
    scheduler.setPaused({ tenant: 'c' }, true);
    scheduler.putBack(at('put back', { tenant: 'd' }), 0);

    const ids = idsOf(scheduler.takeExpired(10_000));
    expect([...ids].sort()).toEqual(['another tenant', 'behind', 'low', 'paused', 'put back']);
    expect(idsOf(serve(scheduler))).toEqual(['open']);
  });

  it('never forgets an expired one, even when nobody takes it out', () => {
    const scheduler = schedulerOf([request('expired', { expiresAtMs: 10_000 }), request('open')]);
    expect(idsOf(serve(scheduler, 5, 20_000))).toEqual(['open', 'expired']);
    expect(scheduler.staged()).toEqual({ high: 0, normal: 0, low: 0 });
  });
});

describe('between tenants', () => {
  it('serves tokens evenly, whatever the shape of the requests', () => {
    const scheduler = schedulerOf([
      ...many(1000, 's', { tenant: 'small', costTokens: 10 }),
      ...many(100, 'l', { tenant: 'large', costTokens: 100 }),
    ]);
    const served = serve(scheduler, 550);
    expect([tokensOf(served, 'small'), tokensOf(served, 'large')]).toEqual([5000, 5000]);
  });

  it('serves by weight', () => {
    const scheduler = schedulerOf([...many(100, 'a', { tenant: 'a' }), ...many(100, 'b', { tenant: 'b' })], {
      weights: { b: 3 },
    });
    const served = serve(scheduler, 80);
    expect([tokensOf(served, 'a'), tokensOf(served, 'b')]).toEqual([2000, 6000]);
  });

  it('sets right at the end what was expected wrongly', () => {
    const scheduler = schedulerOf([...many(200, 'a', { tenant: 'a' }), ...many(200, 'b', { tenant: 'b' })]);
    const served: string[] = [];
    for (let turn = 0; turn < 120; turn++) {
      const picked = scheduler.pick(0, () => GO);
      if (picked === undefined) break;
      scheduler.remove(picked.request);
      // The answers of one are twice as long as expected.
      scheduler.settled(picked.request, picked.request.tenant === 'a' ? 200 : 100);
      served.push(picked.request.tenant);
    }
    expect(served.filter((tenant) => tenant === 'a')).toHaveLength(40);
  });

  it('charges nothing for what was never run', () => {
    const scheduler = schedulerOf([...many(10, 'a', { tenant: 'a' }), ...many(10, 'b', { tenant: 'b' })]);
    const served: string[] = [];
    for (let turn = 0; turn < 6; turn++) {
      const [first] = serve(scheduler, 1);
      if (first === undefined) break;
      if (first.tenant === 'a') scheduler.settled(first, 0);
      served.push(first.tenant);
    }
    expect(served).toEqual(['a', 'b', 'a', 'a', 'a', 'a']);
  });

  it('lets who comes back begin with the others, with nothing saved up', () => {
    const scheduler = schedulerOf(many(100, 'a', { tenant: 'a' }));
    serve(scheduler, 50);
    for (const each of many(100, 'b', { tenant: 'b' })) scheduler.add(each, 0);
    const served = serve(scheduler, 40);
    expect([tokensOf(served, 'a'), tokensOf(served, 'b')]).toEqual([2000, 2000]);
  });

  it('serves a light tenant at once, among heavy ones', () => {
    const scheduler = schedulerOf([...many(500, 'a', { tenant: 'a' }), ...many(500, 'b', { tenant: 'b' })]);
    serve(scheduler, 300);
    scheduler.add(request('x', { tenant: 'light' }), 0);
    expect(idsOf(serve(scheduler, 3))).toContain('x');
  });

  it('goes on under a successor, from a snapshot of at most 1.5 KB', () => {
    const first = schedulerOf([
      ...many(200, 'a', { tenant: 'a', costTokens: 1000 }),
      ...many(200, 'b', { tenant: 'b' }),
    ]);
    const [dear] = serve(first, 1);
    expect(dear?.id).toBe('a0');
    const snapshot = JSON.parse(JSON.stringify(first.snapshot()));
    expect(snapshot).toEqual({
      normal: [
        ['a', 1000],
        ['b', 0],
      ],
    });

    const second = schedulerOf(first.drain(), { snapshot });
    expect(idsOf(serve(second, 11)).map((id) => id[0])).toEqual([...'bbbbbbbbbb', 'a']);
  });

  it('keeps the snapshot small, with the tenants served last', () => {
    const scheduler = schedulerOf(
      Array.from({ length: 500 }, (_, index) =>
        request(`r${index}`, {
          tenant: `tenant-with-a-name-of-some-length-${String(index).padStart(3, '0')}`,
        }),
      ),
    );
    serve(scheduler, 400);
    const snapshot = scheduler.snapshot();
    expect(JSON.stringify(snapshot).length).toBeLessThanOrEqual(1536);
    expect(snapshot.normal?.length).toBeGreaterThan(20);
    expect(snapshot.normal?.[0]?.[0]).toBe('tenant-with-a-name-of-some-length-399');
  });
});

describe('between classes', () => {
  const backlog = (): Scheduler<Waiting> =>
    schedulerOf(PRIORITIES.flatMap((priority) => many(2000, priority, { priority })));

  it('gives the lower classes their shares while all wait, and the rest to the highest', () => {
    const served = serve(backlog(), 2000);
    const count = (priority: Priority) => served.filter((each) => each.priority === priority).length;
    expect([count('high'), count('normal'), count('low')]).toEqual([1502, 399, 99]);
  });

  it('serves strictly where the lower class has had its share', () => {
    expect(idsOf(serve(backlog(), 4))).toEqual(['high0', 'high1', 'high2', 'high3']);
  });

  it('asks for a guaranteed share in the name of the class it goes before', () => {
    const scheduler = backlog();
    serve(scheduler, 5);
    const asked: string[] = [];
    const picked = scheduler.pick(0, (each, as) => {
      asked.push(`${each.priority} as ${as}`);
      return GO;
    });
    expect([asked, picked?.as]).toEqual([['normal as high'], 'high']);
  });

  it('lets no class save its share up while it has nothing waiting', () => {
    const scheduler = schedulerOf(many(1000, 'h', { priority: 'high' }));
    serve(scheduler, 500);
    for (const each of many(100, 'l', { priority: 'low' })) scheduler.add(each, 0);
    expect(serve(scheduler, 10).every(({ priority }) => priority === 'high')).toBe(true);
  });

  it('does not let a backlog of low work cost it its share later', () => {
    const scheduler = schedulerOf(many(2000, 'l', { priority: 'low' }));
    serve(scheduler, 1000);
    for (const each of many(1000, 'h', { priority: 'high' })) scheduler.add(each, 0);
    expect(serve(scheduler, 400).filter(({ priority }) => priority === 'low')).toHaveLength(18);
  });
});

describe('a request that does not fit now', () => {
  const fitsBelow = (tokens: number) => (each: Waiting) => (each.costTokens <= tokens ? GO : tooLarge());

  it('is passed by smaller ones worth its own tokens, and no more', () => {
    const scheduler = schedulerOf([
      request('large', { costTokens: 1000, maxTokens: 1000 }),
      ...many(50, 's', { costTokens: 100, maxTokens: 0 }),
    ]);
    // The order of the scheduler puts long answers first: the large one is the head.
    const passing: string[] = [];
    for (let turn = 0; turn < 20; turn++) {
      const picked = scheduler.pick(0, fitsBelow(500));
      if (picked?.permission.go !== true) break;
      scheduler.remove(picked.request);
      passing.push(picked.request.id);
    }
    expect(passing).toHaveLength(10);
    expect(scheduler.pick(0, fitsBelow(500))).toEqual({
      request: request('large', { costTokens: 1000, maxTokens: 1000 }),
      as: 'normal',
      permission: tooLarge(),
    });
  });

  it('is passed by other tenants, too', () => {
    const scheduler = schedulerOf([
      request('large', { tenant: 'a', costTokens: 1000, maxTokens: 1000 }),
      request('small', { tenant: 'b', costTokens: 300 }),
    ]);
    expect(scheduler.pick(0, fitsBelow(500))?.request.id).toBe('small');
  });

  it('is not passed by lower classes', () => {
    const scheduler = schedulerOf([
      request('large', { priority: 'high', costTokens: 1000 }),
      request('small', { priority: 'low', costTokens: 10 }),
    ]);
    expect(scheduler.pick(0, fitsBelow(500))).toMatchObject({
      request: { id: 'large' },
      permission: { go: false },
    });
  });

  it.each(['pause', 'concurrency'] as const)('asks for nobody else when a %s keeps all back', (limit) => {
    const scheduler = schedulerOf(many(5, 'r'));
    let asked = 0;
    scheduler.pick(0, () => {
      asked += 1;
      return { go: false, limit, waitMs: 10 };
    });
    expect(asked).toBe(1);
  });
});

describe('what was put back', () => {
  it('goes before all others of its class', () => {
    const scheduler = schedulerOf([...many(3, 'a', { tenant: 'a' }), request('h', { priority: 'high' })]);
    const back = request('back', { tenant: 'b', costTokens: 9000 });
    scheduler.putBack(back, 0);
    expect(idsOf(serve(scheduler))).toEqual(['h', 'back', 'a0', 'a1', 'a2']);
  });

  it('is charged once, however often it is tried', () => {
    const scheduler = schedulerOf([...many(9, 'a', { tenant: 'a' }), ...many(9, 'b', { tenant: 'b' })]);
    for (let attempt = 0; attempt < 5; attempt++) {
      const [first] = serve(scheduler, 1);
      if (first !== undefined) scheduler.putBack(first, 0);
    }
    expect(idsOf(serve(scheduler, 4)).map((id) => id[0])).toEqual(['a', 'b', 'a', 'b']);
  });
});

describe('a pause', () => {
  it('of a tenant keeps its requests waiting until it is resumed, and counts them', () => {
    const scheduler = schedulerOf([...many(2, 'a', { tenant: 'a' }), ...many(2, 'b', { tenant: 'b' })]);
    scheduler.setPaused({ tenant: 'a' }, true);
    scheduler.add(request('a2', { tenant: 'a' }), 0);
    expect(idsOf(serve(scheduler))).toEqual(['b0', 'b1']);
    expect(scheduler.staged()).toEqual({ high: 0, normal: 3, low: 0 });

    scheduler.setPaused({ tenant: 'a' }, false);
    expect(idsOf(serve(scheduler))).toEqual(['a0', 'a1', 'a2']);
  });

  it('of a class keeps it waiting, and no other', () => {
    const scheduler = schedulerOf([request('n'), request('l', { priority: 'low' })]);
    scheduler.setPaused({ priority: 'normal' }, true);
    expect(idsOf(serve(scheduler))).toEqual(['l']);
    scheduler.setPaused({ priority: 'normal' }, false);
    expect(idsOf(serve(scheduler))).toEqual(['n']);
  });

  it('holds what was put back, too', () => {
    const scheduler = schedulerOf([]);
    scheduler.putBack(request('back', { tenant: 'a' }), 0);
    scheduler.setPaused({ tenant: 'a' }, true);
    expect(scheduler.peek(0)).toBeUndefined();
  });
});

describe('size lanes', () => {
  const withLanes = (prefer: () => 'small' | 'large' | undefined) =>
    schedulerOf(
      [
        request('s0', { costTokens: 10 }),
        request('l0', { costTokens: 5000 }),
        request('s1', { costTokens: 10 }),
      ],
      { sizeLanes: { boundaryTokens: 1000, prefer } },
    );

  it.each([
    ['large', ['l0', 's0', 's1']],
    ['small', ['s0', 's1', 'l0']],
    [undefined, ['s0', 'l0', 's1']],
  ] as const)('serve first what the quotas ask for: %s', (preferred, ids) => {
    expect(idsOf(serve(withLanes(() => preferred)))).toEqual(ids);
  });
});

describe('whatever happens', () => {
  const someRequests = fc.array(
    fc.record({
      priority: fc.constantFrom(...PRIORITIES),
      tenant: fc.constantFrom('a', 'b', 'c'),
      costTokens: fc.integer({ min: 1, max: 2000 }),
      maxTokens: fc.integer({ min: 1, max: 2000 }),
      expiresAtMs: fc.integer({ min: 0, max: 100_000 }),
      step: fc.constantFrom('add', 'serve', 'put back', 'take expired'),
    }),
    { maxLength: 200 },
  );

  it('nothing is lost, nothing is served twice, and the counts are right', () => {
    fc.assert(
      fc.property(someRequests, (steps) => {
        const scheduler = schedulerOf([]);
        const waiting = new Set<Waiting>();
        const out: Waiting[] = [];
        for (const [index, { step, ...fields }] of steps.entries()) {
          const nowMs = index * 400;
          if (step === 'add') {
            const added = request(String(index), fields);
            waiting.add(added);
            scheduler.add(added, nowMs);
          } else if (step === 'put back') {
            const back = out.pop();
            if (back !== undefined) {
              waiting.add(back);
              scheduler.putBack(back, nowMs);
            }
          } else if (step === 'take expired') {
            for (const each of scheduler.takeExpired(nowMs)) {
              expect(each.expiresAtMs).toBeLessThanOrEqual(nowMs);
              expect(waiting.delete(each)).toBe(true);
            }
          } else {
            const [served] = serve(scheduler, 1, nowMs);
            expect(served === undefined).toBe(waiting.size === 0);
            if (served !== undefined) {
              expect(waiting.delete(served)).toBe(true);
              out.push(served);
            }
          }
          const { high, normal, low } = scheduler.staged();
          expect(high + normal + low).toBe(waiting.size);
        }
        expect(new Set(scheduler.drain())).toEqual(waiting);
        expect(scheduler.peek(0)).toBeUndefined();
      }),
    );
  });

  it('nobody starves: a waiting request is served before many times its share has passed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PRIORITIES),
        fc.integer({ min: 1, max: 2000 }),
        fc.constantFrom('a', 'b', 'new'),
        (priority, costTokens, tenant) => {
          const scheduler = schedulerOf([]);
          let arrivals = 0;
          const feed = (): void => {
            for (const feeding of PRIORITIES)
              for (const each of ['a', 'b']) {
                arrivals += 1;
                scheduler.add(
                  request(`f${arrivals}`, { priority: feeding, tenant: each, costTokens: 500 }),
                  0,
                );
              }
          };
          for (let round = 0; round < 10; round++) feed();
          serve(scheduler, 30);
          // Its tenant's earlier requests of the class come before it.
          const ahead = 20;
          scheduler.add(request('it', { priority, tenant, costTokens }), 0);
          let tokens = 0;
          for (;;) {
            feed();
            const [served] = serve(scheduler, 1);
            if (served === undefined || served.id === 'it') break;
            tokens += served.costTokens;
            const share = { high: 0.75, normal: 0.2, low: 0.05 }[priority];
            expect(tokens).toBeLessThanOrEqual((2 * (ahead * 500 + 2 * costTokens) + 2000) / share);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
