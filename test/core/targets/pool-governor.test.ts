import fc from 'fast-check';
import type { PlannedCall } from '../../../shared/core/governor/governor.ts';
import type { PoolGovernor } from '../../../shared/core/targets/pool-governor.ts';
import { callOf, governorOf, routed, SECOND, SMALL, START_MS } from './target-samples.ts';

const GO = { go: true };
const USED = { inputTokens: 0, outputTokens: 0, cacheWriteTokens: 0 };

const sendTo = (governor: PoolGovernor, call: PlannedCall, nowMs = START_MS): string =>
  governor.targetOf(governor.sent(call, nowMs)).name;

/** As much as the pool's own target holds. */
const spendFirst = (governor: PoolGovernor, nowMs = START_MS): void => {
  governor.sent(routed(5000, { needs: ['tools'] }), nowMs);
};

const loseFirst = (governor: PoolGovernor, nowMs = START_MS): void => {
  for (let loss = 0; loss < 3; loss += 1) {
    const sent = governor.sent(routed(1, { needs: ['tools'] }), nowMs);
    governor.lost(sent, 'capacity', nowMs);
    governor.faulted(sent, nowMs);
  }
};

describe('a pool with several targets', () => {
  it('calls its own for as long as that can take it', () => {
    const governor = governorOf();
    expect([sendTo(governor, routed(2000)), sendTo(governor, routed(3000))]).toEqual(['model-a', 'model-a']);
  });

  it('calls the next when its own can not take a request that has waited long enough', () => {
    const governor = governorOf();
    spendFirst(governor);
    expect(governor.mayGo(routed(500), START_MS)).toEqual(GO);
    expect(sendTo(governor, routed(500))).toBe('second');
  });

  it('waits for its own as long as the request has patience, and no longer', () => {
    const governor = governorOf({ pool: { target_patience_seconds: 2 } });
    spendFirst(governor);
    const fresh = routed(1500, { sinceMs: START_MS });
    expect(governor.mayGo(fresh, START_MS)).toEqual({
      go: false,
      limit: 'tokens_per_minute',
      waitMs: 1500,
    });
    // Beyond its patience it would wait in vain.
    expect(governor.mayGo(routed(2500, { sinceMs: START_MS }), START_MS)).toEqual(GO);
    expect(governor.mayGo(routed(1500, { sinceMs: START_MS - 501 }), START_MS)).toEqual(GO);
    expect(sendTo(governor, fresh, START_MS + 1500)).toBe('model-a');
  });

  it('tells the next moment when any target can take it', () => {
    const governor = governorOf();
    spendFirst(governor);
    expect(sendTo(governor, routed(4000))).toBe('second');

    expect(governor.mayGo(routed(3000), START_MS)).toMatchObject({ go: false, waitMs: 2000 });
    expect(governor.mayGo(routed(3000, { needs: ['tools'] }), START_MS)).toMatchObject({
      go: false,
      waitMs: 3000,
    });
  });

  it('sends what only one can do to that one, however long it takes', () => {
    const governor = governorOf();
    spendFirst(governor);
    expect(governor.mayGo(routed(500, { needs: ['tools'] }), START_MS)).toMatchObject({
      limit: 'tokens_per_minute',
      waitMs: 500,
    });
  });

  it('sends what is too large for a target past it', () => {
    const governor = governorOf({ targets: [{ ...SECOND, max_max_tokens: 100 }] });
    spendFirst(governor);
    expect(governor.mayGo({ ...routed(1), maxTokens: 101 }, START_MS).go).toBe(false);
    expect(governor.mayGo({ ...routed(1), maxTokens: 100 }, START_MS)).toEqual(GO);
  });

  it('tries others before the target that failed a request last, and that one again when nobody else can', () => {
    const governor = governorOf();
    expect(sendTo(governor, routed(10, { failedBy: ['model-a'] }))).toBe('second');
    expect(sendTo(governor, routed(10, { failedBy: ['model-a'], needs: ['tools'] }))).toBe('model-a');
  });

  it.each(['in_order', 'least_waiting'] as const)(
    'asks every target once before any of them again, %s, and then the one that failed longest ago',
    (target_policy) => {
      const third = { ...SECOND, name: 'third', region: 'ap-south-1' };
      const governor = governorOf({ targets: [SECOND, third], pool: { target_policy } });
      expect(sendTo(governor, routed(10, { failedBy: ['model-a', 'second'] }))).toBe('third');
      expect(sendTo(governor, routed(10, { failedBy: ['third', 'second', 'model-a'] }))).toBe('third');
    },
  );

  it('takes the one with most quota to spare where its policy says so', () => {
    const governor = governorOf({ pool: { target_policy: 'least_waiting' } });
    const called = Array.from({ length: 6 }, () => sendTo(governor, routed(1000)));
    expect(called.filter((name) => name === 'second')).toHaveLength(3);
  });

  it('opens the breaker of a target without capacity, and of no other', () => {
    const governor = governorOf();
    loseFirst(governor);
    expect(governor.describe(START_MS).targets).toMatchObject([
      { name: 'model-a', breaker: 'open', openUntilMs: START_MS + 5000 },
      { name: 'second', breaker: 'closed', openUntilMs: 0 },
    ]);
    expect(sendTo(governor, routed(10, { sinceMs: START_MS }))).toBe('second');
    expect(governor.mayGo(routed(10, { needs: ['tools'] }), START_MS)).toEqual({
      go: false,
      limit: 'target',
      waitMs: 5000,
    });
  });

  it('sends one probe when the breaker’s time is over, and everything once that is answered', () => {
    const governor = governorOf();
    loseFirst(governor);
    const later = START_MS + 5000;
    const probe = governor.sent(routed(10), later);
    expect(governor.targetOf(probe).name).toBe('model-a');
    expect(sendTo(governor, routed(10), later)).toBe('second');
    governor.answered(probe, USED, later + 900);
    expect(sendTo(governor, routed(10), later + 900)).toBe('model-a');
  });

  it('keeps its breaker closed for throttles: those are the governor’s', () => {
    const governor = governorOf();
    for (let call = 0; call < 5; call += 1) {
      const atMs = START_MS + 60_000 * call;
      governor.throttled(governor.sent(routed(10, { needs: ['tools'] }), atMs), 'tokens', atMs);
      expect(governor.describe(atMs).targets).toMatchObject([
        { breaker: 'closed', governor: { state: 'paused' } },
        { breaker: 'closed', governor: { state: 'open' } },
      ]);
      expect(sendTo(governor, routed(10), atMs)).toBe('second');
    }
  });

  it('says that everybody is kept back only when no target is left', () => {
    const governor = governorOf();
    loseFirst(governor);
    const second = governor.sent(routed(10), START_MS);
    governor.throttled(second, 'tokens', START_MS);
    expect(governor.mayGo(routed(10), START_MS)).toEqual({ go: false, limit: 'pause', waitMs: 400 });
    expect(governor.describe(START_MS)).toMatchObject({ state: 'paused', pausedUntilMs: START_MS + 400 });
  });

  it('keeps all calls together within the number that may be made at once', () => {
    const governor = governorOf({ maxConcurrent: 3 });
    for (let call = 0; call < 3; call += 1) governor.sent(routed(2500), START_MS);
    expect(governor.describe(START_MS).targets).toMatchObject([
      { governor: { concurrency: { inFlight: 2 } } },
      { governor: { concurrency: { inFlight: 1 } } },
    ]);
    expect(governor.mayGo(routed(1), START_MS)).toMatchObject({ go: false, limit: 'concurrency' });
    expect(governor.describe(START_MS).concurrency).toMatchObject({ inFlight: 3, most: 3, limit: 3 });
  });

  it('adds up the quotas of those that may be called', () => {
    const governor = governorOf({ targets: [{ ...SECOND, quota: { tokens_per_minute: 30_000 } }] });
    governor.sent(callOf(1000), START_MS);
    const quota = () => governor.describe(START_MS).dimensions;
    expect(quota()).toMatchObject([{ name: 'tokens_per_minute', limit: 90_000, level: 6500, held: 1000 }]);
    loseFirst(governor);
    expect(quota()).toMatchObject([{ limit: 30_000, level: 2500, held: 0 }]);
  });
});

describe('the targets of a pool at a hand-over', () => {
  const successorOf = (governor: PoolGovernor, targets = [SECOND] as readonly Record<string, unknown>[]) =>
    governorOf({
      epoch: 2,
      targets,
      snapshot: JSON.parse(JSON.stringify(governor.snapshot(START_MS))),
    });

  it('go on each from where it was, its breaker included', () => {
    const governor = governorOf();
    loseFirst(governor);
    governor.sent(routed(2000), START_MS);
    const next = successorOf(governor);
    next.others({ ...governor.remaining(START_MS), takenAtMs: START_MS + 1 }, START_MS);
    expect(next.describe(START_MS)).toMatchObject({
      concurrency: { others: 1 },
      targets: [
        { breaker: 'open', openUntilMs: START_MS + 5000, governor: { concurrency: { others: 0 } } },
        { breaker: 'closed', governor: { concurrency: { others: 1 }, dimensions: [{ level: 3000 }] } },
      ],
    });
  });

  it('count what the owner before gives back, each its own', () => {
    const governor = governorOf();
    const sent = [governor.sent(routed(4000), START_MS), governor.sent(routed(2000), START_MS)];
    const next = successorOf(governor);
    const levels = (at: number): readonly (number | undefined)[] => {
      next.others({ ...governor.remaining(START_MS), takenAtMs: START_MS + at }, START_MS);
      return next
        .describe(START_MS)
        .targets?.map(({ governor: { dimensions } }) => dimensions[0]?.level) as number[];
    };
    expect(levels(1)).toEqual([1000, 3000]);
    for (const call of sent) governor.answered(call, { ...USED, inputTokens: 500 }, START_MS);
    expect(levels(2)).toEqual([4500, 4500]);
    expect(next.describe(START_MS).concurrency.others).toBe(0);
  });

  it('are known by their names when the settings change their order', () => {
    const governor = governorOf();
    governor.sent(routed(4000), START_MS);
    governor.sent(routed(2000), START_MS);
    const next = governorOf({
      epoch: 2,
      atMs: START_MS,
      pool: { model_id: 'second' },
      targets: [{ model_id: 'model-a', quota: SMALL }],
      snapshot: governor.snapshot(START_MS),
    });
    next.others({ ...governor.remaining(START_MS), epoch: 1, takenAtMs: START_MS }, START_MS);
    expect(next.snapshot(START_MS).levels.tokens_per_minute).toBeLessThanOrEqual(3000);
  });

  it('begin from a snapshot of a pool that had one, and leave one that such a pool can begin from', () => {
    const alone = governorOf({ pool: { targets: undefined } });
    alone.sent(callOf(3000), START_MS);
    const both = successorOf(alone);
    both.others({ ...alone.remaining(START_MS), takenAtMs: START_MS + 1 }, START_MS);
    expect(both.describe(START_MS).targets).toMatchObject([
      { governor: { dimensions: [{ level: 2000 }] } },
      { governor: { dimensions: [{ level: 5000 }] } },
    ]);
    const again = governorOf({ epoch: 3, pool: { targets: undefined }, snapshot: both.snapshot(START_MS) });
    expect(again.snapshot(START_MS)).not.toHaveProperty('targets');
    again.others({ ...both.remaining(START_MS), takenAtMs: START_MS + 1 }, START_MS);
    expect(again.describe(START_MS).dimensions).toMatchObject([{ level: 2000 }]);
  });
});

describe('any pool with several targets', () => {
  const somePool = fc.record({
    quotas: fc.array(fc.integer({ min: 6000, max: 600_000 }), { minLength: 2, maxLength: 4 }),
    policy: fc.constantFrom('in_order', 'least_waiting'),
    patience: fc.constantFrom(0, 1, 10),
    calls: fc.array(
      fc.record({
        tokens: fc.integer({ min: 1, max: 2000 }),
        waitedMs: fc.integer({ min: 0, max: 5000 }),
        pauseMs: fc.integer({ min: 0, max: 3000 }),
        outcome: fc.constantFrom('answered', 'answered', 'lost', 'throttled', 'released', 'canceled'),
        lasts: fc.integer({ min: 0, max: 4 }),
        needs: fc.constantFrom([], ['tools' as const]),
      }),
      { minLength: 1, maxLength: 60 },
    ),
  });

  it('sends nothing that its target does not let go, breaks no rule of order, and counts every call once', () => {
    fc.assert(
      fc.property(somePool, ({ quotas, policy, patience, calls }) => {
        const [first = 1, ...further] = quotas;
        const governor = governorOf({
          targets: further.map((limit, index) => ({
            model_id: `model-${index}`,
            quota: { tokens_per_minute: limit },
            lacks: index % 2 === 0 ? ['tools'] : [],
          })),
          pool: {
            quota: { tokens_per_minute: first },
            target_policy: policy,
            target_patience_seconds: patience,
          },
        });
        let nowMs = START_MS;
        const open: { end: () => void; until: number }[] = [];
        const finish = (index: number): void => {
          for (const call of open.splice(0))
            if (call.until <= index) call.end();
            else open.push(call);
        };
        for (const [index, one] of calls.entries()) {
          nowMs += one.pauseMs;
          finish(index);
          const call = routed(one.tokens, { needs: one.needs, sinceMs: nowMs - one.waitedMs });
          const before = governor.describe(nowMs).targets ?? [];
          const permission = governor.mayGo(call, nowMs);
          if (!permission.go) {
            expect(permission.waitMs).toBeGreaterThan(0);
            continue;
          }
          const sent = governor.sent(call, nowMs);
          const target = governor.targetOf(sent);
          const view = before.find(({ name }) => name === target.name);
          // Never to whom it is not for, nor through an open breaker, nor into a pause, nor above a level.
          expect(one.needs.some((need) => target.lacks.includes(need))).toBe(false);
          expect(view?.breaker).not.toBe('open');
          expect(view?.governor.state).not.toBe('paused');
          const bucket = view?.governor.dimensions[0];
          expect(Math.min(one.tokens, bucket?.size ?? 0)).toBeLessThanOrEqual((bucket?.level ?? 0) + 1);
          const atMs = nowMs;
          open.push({
            until: index + one.lasts,
            end: () => {
              if (one.outcome === 'lost') {
                governor.lost(sent, 'capacity', atMs);
                governor.faulted(sent, atMs);
              } else if (one.outcome === 'answered')
                governor.answered(sent, { ...USED, inputTokens: one.tokens }, atMs);
              else if (one.outcome === 'throttled') governor.throttled(sent, 'tokens', atMs);
              else if (one.outcome === 'released') governor.released(sent, atMs);
              else governor.canceled(sent, atMs);
            },
          });
          const inFlight = governor
            .describe(nowMs)
            .targets?.map((each) => each.governor.concurrency.inFlight);
          expect(inFlight?.reduce((sum, count) => sum + count, 0)).toBe(open.length);
          expect(governor.remaining(nowMs).inFlight).toBe(open.length);
        }
        finish(Number.POSITIVE_INFINITY);
        expect(governor.describe(nowMs).concurrency.inFlight).toBe(0);
      }),
    );
  });

  it('lets a call go at the moment that it named, when nothing else happened', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 100, max: 4000 }), { minLength: 5, maxLength: 40 }),
        fc.constantFrom('in_order', 'least_waiting'),
        (sizes, policy) => {
          const governor = governorOf({ pool: { target_policy: policy } });
          let nowMs = START_MS;
          for (const tokens of sizes) {
            const call = routed(tokens, { sinceMs: nowMs });
            const permission = governor.mayGo(call, nowMs);
            if (!permission.go) {
              nowMs += permission.waitMs;
              expect(governor.mayGo(call, nowMs)).toEqual(GO);
            }
            governor.sent(call, nowMs);
          }
        },
      ),
    );
  });
});
