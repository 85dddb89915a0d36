import type { Governor, ThrottleScope } from '../../../../shared/core/governor/governor.ts';
import { createHybridGovernor } from '../../../../shared/core/governor/hybrid/hybrid-governor.ts';
import { type GovernorSetup, planned, START_MS, used } from '../governor.contract.ts';

/** 1,000 tokens a second, and a bucket of 60,000. */
const TPM = { tokens_per_minute: 60_000 };
const GO = { go: true };

const governorWith = ({ quota = TPM, burndown = 1, ...setup }: GovernorSetup = {}): Governor =>
  createHybridGovernor(
    { maxConcurrent: 1000, ...setup, pool: { quota, burndown }, random: () => 0.5 },
    START_MS,
  );

const dimension = (governor: Governor, nowMs = START_MS) => {
  const [first] = governor.describe(nowMs).dimensions;
  if (first === undefined) throw new Error('a governor of a quota has one dimension at least');
  return first;
};

/** One call, refused; the spacing does not matter to `sent`. */
const refuse = (governor: Governor, tokens: number, atMs: number, scope: ThrottleScope = 'tokens'): void =>
  governor.throttled(governor.sent(planned(tokens), atMs), scope, atMs + 100);

describe('what is kept for higher classes', () => {
  it.each([
    ['high', 30_000],
    ['normal', 36_000],
    ['low', 42_000],
  ] as const)('makes 40,000 tokens of the %s class wait %i ms when 10,000 are there', (priority, waitMs) => {
    const governor = governorWith();
    governor.sent(planned(50_000), START_MS);

    expect(governor.mayGo(planned(40_000, { priority }), START_MS)).toEqual({
      go: false,
      limit: 'tokens_per_minute',
      waitMs,
    });
  });

  it.each([
    ['high', 100],
    ['normal', 95],
    ['low', 90],
  ] as const)('lets the %s class have %i of 100 calls at once', (priority, calls) => {
    const governor = governorWith({ quota: { tokens_per_minute: 60_000_000 }, maxConcurrent: 100 });
    for (let sent = 1; sent < calls; sent++) governor.sent(planned(1), START_MS);
    expect(governor.mayGo(planned(1, { priority }), START_MS + 1000)).toEqual(GO);
    governor.sent(planned(1), START_MS);
    expect(governor.mayGo(planned(1, { priority }), START_MS + 1000)).toMatchObject({ limit: 'concurrency' });
  });
});

describe('what a call holds', () => {
  it('is what it may be charged, where output burns down faster than max_tokens is held', () => {
    const governor = governorWith({ burndown: 5 });
    const answer = (): number => {
      const sent = governor.sent(planned(100, { maxTokens: 1000 }), START_MS);
      governor.answered(sent, used(100, 900), START_MS);
      return sent.holds[0] ?? 0;
    };

    // Before anything is known 0.3 of max_tokens, five times.
    expect(answer()).toBe(1600);
    for (let call = 0; call < 8; call++) answer();
    expect(answer()).toBe(4600);
  });

  it('follows what estimates turned out to be', () => {
    const governor = governorWith();
    governor.answered(governor.sent(planned(1000), START_MS), used(2000), START_MS);
    expect(governor.sent(planned(1000), START_MS).holds).toEqual([2000]);
    expect(governor.expectedTokens(planned(1000))).toBe(2000);
  });
});

describe('a refusal', () => {
  it('that a smaller bucket would have foreseen makes it believe in that', () => {
    const governor = governorWith();
    // 60 s hold 60,000; 15,000 are gone from them, and all of a bucket of 15 s.
    governor.sent(planned(15_000), START_MS);
    refuse(governor, 1000, START_MS);

    expect(dimension(governor, START_MS + 100)).toMatchObject({ burstSeconds: 15, multiplier: 1 });
  });

  it('that none would have foreseen cuts the rate', () => {
    const governor = governorWith();
    refuse(governor, 100, START_MS);

    expect(dimension(governor, START_MS + 100)).toMatchObject({ burstSeconds: 60, multiplier: 0.9 });
  });

  it('leaves a quarter of the call in the mirror, and lets nothing go for 0.4 s', () => {
    const governor = governorWith();
    refuse(governor, 100, START_MS);

    expect(dimension(governor, START_MS + 100).level).toBe(25);
    expect(governor.mayGo(planned(1), START_MS + 100)).toEqual({ go: false, limit: 'pause', waitMs: 400 });
  });

  it('of a call that was sent before the last one is no news', () => {
    const governor = governorWith();
    const older = governor.sent(planned(100), START_MS);
    refuse(governor, 100, START_MS);
    governor.throttled(older, 'tokens', START_MS + 300);

    expect(dimension(governor, START_MS + 300).multiplier).toBe(0.9);
    expect(governor.mayGo(planned(1), START_MS + 300)).toMatchObject({ waitMs: 200 });
  });

  it('of a probe doubles the pause and teaches nothing else', () => {
    const governor = governorWith();
    refuse(governor, 100, START_MS);
    refuse(governor, 100, START_MS + 600);

    expect(dimension(governor, START_MS + 700).multiplier).toBe(0.9);
    expect(governor.mayGo(planned(1), START_MS + 700)).toMatchObject({ limit: 'pause', waitMs: 800 });
  });

  it.each([
    ['tokens', [0.9, 1]],
    ['requests', [1, 0.9]],
    ['unknown', [0.9, 0.9]],
    ['day', [1, 1]],
  ] as const)('blames %s on what it names', (scope, multipliers) => {
    const governor = governorWith({ quota: { ...TPM, requests_per_minute: 600 } });
    refuse(governor, 100, START_MS, scope);

    const { dimensions } = governor.describe(START_MS + 100);
    expect(dimensions.map(({ multiplier }) => multiplier)).toEqual(multipliers);
  });

  it('that names a quota nobody configured is blamed on those there are', () => {
    const governor = governorWith();
    refuse(governor, 100, START_MS, 'requests');
    expect(dimension(governor, START_MS + 100).multiplier).toBe(0.9);
  });
});

describe('a fault of the service', () => {
  it('gives its tokens back, but was a request', () => {
    const governor = governorWith({ quota: { ...TPM, requests_per_minute: 600 } });
    governor.faulted(governor.sent(planned(5000), START_MS), START_MS);

    expect(governor.remaining(START_MS).taken).toEqual({ tokens_per_minute: 0, requests_per_minute: 1 });
  });

  it('pauses when more than a fifth of the calls fail, twice as long each time', () => {
    const governor = governorWith();
    const fail = (atMs: number) => governor.faulted(governor.sent(planned(1), atMs), atMs + 1);
    for (let call = 0; call < 4; call++) fail(START_MS + call * 1000);
    expect(governor.mayGo(planned(1), START_MS + 3001)).toEqual(GO);

    fail(START_MS + 4000);
    expect(governor.mayGo(planned(1), START_MS + 4001)).toMatchObject({ limit: 'pause', waitMs: 800 });
    fail(START_MS + 8000);
    expect(governor.mayGo(planned(1), START_MS + 8001)).toMatchObject({ limit: 'pause', waitMs: 1600 });
  });

  it('does not end faster for many calls that failed at once', () => {
    const governor = governorWith();
    const calls = Array.from({ length: 50 }, () => governor.sent(planned(1), START_MS));
    for (const call of calls) governor.faulted(call, START_MS + 100);

    expect(governor.mayGo(planned(1), START_MS + 100)).toMatchObject({ limit: 'pause', waitMs: 800 });
  });
});

describe('a request that is rejected for what it asks', () => {
  it('is no fault of the service: twenty in a row pause nothing, and leave the share of faults as it was', () => {
    const governor = governorWith();
    const fail = (atMs: number) => governor.faulted(governor.sent(planned(1), atMs), atMs + 1);
    for (let call = 0; call < 4; call++) fail(START_MS + call * 1000);
    for (let call = 4; call < 24; call++) {
      const atMs = START_MS + call * 1000;
      governor.rejected(governor.sent(planned(1), atMs), atMs + 1);
      expect(governor.mayGo(planned(1), atMs + 1)).toEqual(GO);
    }

    fail(START_MS + 24_000);
    expect(governor.mayGo(planned(1), START_MS + 24_001)).toMatchObject({ limit: 'pause', waitMs: 800 });
  });

  it('was admitted all the same: as a probe it opens the way', () => {
    const governor = governorWith();
    refuse(governor, 100, START_MS);
    const probe = governor.sent(planned(1), START_MS + 600);
    const next = planned(1, { priority: 'normal' });
    expect(governor.mayGo(next, START_MS + 700)).toMatchObject({ go: false, limit: 'pause' });

    governor.rejected(probe, START_MS + 700);
    expect(governor.describe(START_MS + 700).state).toBe('open');
    expect(governor.mayGo(next, START_MS + 700)).not.toMatchObject({ limit: 'pause' });
  });
});

describe('a call that its caller canceled', () => {
  it('is taken to be charged as its answer would probably have been, and gives back only the rest of its hold', () => {
    const governor = governorWith({ quota: { ...TPM, requests_per_minute: 600 } });
    governor.answered(
      governor.sent(planned(500, { maxTokens: 1000 }), START_MS),
      used(500, 100),
      START_MS + 1000,
    );
    const sent = governor.sent(planned(500, { maxTokens: 1000 }), START_MS + 10_000);
    const charged = governor.canceled(sent, START_MS + 11_000);

    expect(charged).toBe(800);
    expect(governor.remaining(START_MS + 11_000).taken).toEqual({
      tokens_per_minute: 1400,
      requests_per_minute: 2,
    });
  });

  it('is no fault: however many are canceled, the next may go', () => {
    const governor = governorWith();
    for (let call = 0; call < 10; call++)
      governor.canceled(governor.sent(planned(1), START_MS + call * 1000), START_MS + call * 1000 + 1);

    expect(governor.mayGo(planned(1), START_MS + 9001)).toEqual(GO);
  });
});

describe('calls at once', () => {
  it('are what the quota has work for, three times over', () => {
    const governor = governorWith();
    governor.answered(governor.sent(planned(500), START_MS), used(500), START_MS + 4000);

    // Two calls a second for four seconds each are eight; three times that, and eight.
    expect(governor.describe(START_MS + 4000).concurrency).toMatchObject({ limit: 32, most: 1000 });
  });

  it('are as many as configured while nothing is known', () => {
    expect(governorWith({ maxConcurrent: 77 }).describe(START_MS).concurrency.limit).toBe(77);
  });
});

describe('what a high max_tokens costs at the start', () => {
  /** Each is charged 300 tokens, ten seconds after it was sent. */
  const buildSecondsAfter = (answers: number, maxTokens: number): number => {
    const governor = governorWith();
    let atMs = START_MS;
    for (let answer = 0; answer < answers; answer++) {
      const sent = governor.sent(planned(100, { maxTokens }), atMs);
      atMs += 10_000;
      governor.answered(sent, used(100, 200), atMs);
    }
    return governor.describe(atMs).learned.buildSeconds;
  };

  it.each([
    // 19,800 tokens too many for ten seconds each, at 300 a call: 660 s, of which a minute is stored.
    [50, 20_000, 600],
    [50, 2000, 0],
    [49, 20_000, 0],
  ])('is told after %i answers of 200 tokens with %i asked for: %i s', (answers, maxTokens, seconds) => {
    expect(buildSecondsAfter(answers, maxTokens)).toBeCloseTo(seconds, 6);
  });
});

describe('exploring', () => {
  const busy = (exploreLimit: number): number => {
    const governor = governorWith({ exploreLimit });
    let atMs = START_MS;
    for (let second = 0; second < 200; second++) {
      atMs += 200;
      governor.answered(governor.sent(planned(10), atMs), used(10), atMs);
    }
    return dimension(governor, atMs).multiplier;
  };

  it('finds more than is configured, up to its limit', () => {
    expect(busy(1)).toBe(1);
    expect(busy(1.2)).toBeGreaterThan(1.1);
    expect(busy(1.2)).toBeLessThanOrEqual(1.2);
  });

  it('rebuilds what is kept for higher classes bit by bit after a refusal', () => {
    const lookWith = (exploreLimit: number) => {
      const governor = governorWith({ exploreLimit });
      refuse(governor, 400, START_MS);
      return governor.mayGo(planned(500, { priority: 'low' }), START_MS + 1100);
    };

    // 100 are left, and 900 refill in a second; 20 % of the bucket would take a quarter of a minute to come back.
    expect(lookWith(2)).toEqual(GO);
    expect(lookWith(1)).toEqual({ go: false, limit: 'tokens_per_minute', waitMs: 11_445 });
  });
});
