import fc from 'fast-check';
import {
  type Admission,
  admit,
  bucketSize,
  openQuota,
  type Quota,
  quotaAt,
  retune,
  settle,
} from '../../../local/bedrock/quota.ts';

/** A bucket of 600 tokens that regains 10 a second. */
const small = { name: 'tpm', perMinute: 600, burstSeconds: 60 };

const levelOf = (quota: Quota, index = 0) => quota.buckets[index]?.level;

const admitAll = (quota: Quota, holds: readonly number[], nowMs: number): readonly Admission['kind'][] => {
  let current = quota;
  return holds.map((hold) => {
    const admission = admit(current, [hold], nowMs);
    current = admission.quota;
    return admission.kind;
  });
};

describe('admission', () => {
  it.each([
    { why: 'starts full', holds: [600], expected: ['admitted'] },
    { why: 'ends where the bucket ends', holds: [599, 1, 1], expected: ['admitted', 'admitted', 'refused'] },
    {
      why: 'takes nothing for a refusal',
      holds: [500, 200, 100],
      expected: ['admitted', 'refused', 'admitted'],
    },
    { why: 'lets an oversized hold pass only when full', holds: [601], expected: ['admitted'] },
    { why: 'refuses an oversized hold otherwise', holds: [1, 601], expected: ['admitted', 'refused'] },
    { why: 'leaves debt behind an oversized hold', holds: [900, 1], expected: ['admitted', 'refused'] },
    {
      why: 'refuses even a hold of nothing at level zero',
      holds: [600, 0],
      expected: ['admitted', 'refused'],
    },
  ])('$why', ({ holds, expected }) => {
    expect(admitAll(openQuota([small], 0), holds, 0)).toEqual(expected);
  });

  it.each([
    { why: 'refills without steps', afterMs: 500, level: 5 },
    { why: 'refills at its rate', afterMs: 30_000, level: 300 },
    { why: 'never refills above its size', afterMs: 61_000, level: 600 },
    { why: 'ignores a clock that steps back', afterMs: -5_000, level: 0 },
  ])('$why', ({ afterMs, level }) => {
    const empty = admit(openQuota([small], 0), [600], 0).quota;
    expect(levelOf(quotaAt(empty, afterMs))).toBe(level);
  });

  it('refuses everything when the quota is zero', () => {
    const none = openQuota([{ ...small, perMinute: 0 }], 0);
    expect(admitAll(none, [0, 1, 700], 3_600_000)).toEqual(['refused', 'refused', 'refused']);
  });

  it('takes from no dimension when one of them lacks, and names it', () => {
    const quota = openQuota([small, { name: 'tpd', perMinute: 60, burstSeconds: 60 }], 0);
    const admission = admit(quota, [100, 61], 0);
    expect(admission.kind).toBe('admitted');
    const second = admit(admission.quota, [100, 1], 0);
    expect(second).toMatchObject({ kind: 'refused', lacking: ['tpd'] });
    expect(levelOf(second.quota)).toBe(500);
  });
});

describe('settlement', () => {
  const held = admit(openQuota([small], 0), [400], 0).quota;

  it.each([
    { why: 'gives back what was held too much', charge: 150, level: 450 },
    { why: 'gives everything back', charge: 0, level: 600 },
    { why: 'goes below zero when the charge exceeds what is left', charge: 700, level: -100 },
  ])('$why', ({ charge, level }) => {
    const settled = settle(held, { holds: [400], charges: [charge] }, 0);
    expect(settled.buckets[0]).toMatchObject({ level, held: 0, settled: charge });
  });

  it('refuses everything while in debt and admits again when it is paid', () => {
    const debt = settle(held, { holds: [400], charges: [700] }, 0);
    expect(admit(debt, [1], 10_000).kind).toBe('refused');
    expect(admit(debt, [1], 10_100).kind).toBe('admitted');
  });

  it('never fills above the size, however much is given back', () => {
    expect(levelOf(settle(held, { holds: [400], charges: [0] }, 30_000))).toBe(600);
  });
});

describe('a change of the quota', () => {
  it('spills what a smaller bucket cannot keep', () => {
    const halved = retune(openQuota([small], 0), { name: 'tpm', perMinute: 300 }, 0);
    expect(levelOf(halved)).toBe(300);
  });

  it('fills a larger bucket from where it was, at the new rate', () => {
    const raised = retune(openQuota([small], 0), { name: 'tpm', perMinute: 1_200 }, 0);
    expect(levelOf(raised)).toBe(600);
    expect(levelOf(quotaAt(raised, 10_000))).toBe(800);
  });

  it('counts the time before the change at the old rate', () => {
    const empty = admit(openQuota([small], 0), [600], 0).quota;
    const later = retune(empty, { name: 'tpm', perMinute: 6_000 }, 10_000);
    expect(levelOf(quotaAt(later, 11_000))).toBe(200);
  });
});

interface Step {
  readonly waitMs: number;
  readonly hold: number;
  /** Of the hold; more than 1 is a burndown beyond the hold. */
  readonly chargeShare: number;
  readonly settleAfter: number;
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    waitMs: fc.integer({ min: 0, max: 20_000 }),
    hold: fc.integer({ min: 1, max: 900 }),
    chargeShare: fc.constantFrom(0, 0.25, 1, 3),
    settleAfter: fc.integer({ min: 1, max: 5 }),
  }),
  { maxLength: 60 },
);

interface Snapshot {
  readonly quota: Quota;
  readonly nowMs: number;
  readonly heldByCalls: number;
  readonly chargedToCalls: number;
}

/** Runs the steps and keeps its own account of what calls hold and were charged. */
function play(all: readonly Step[], waits: boolean): Snapshot[] {
  let quota = openQuota([small], 0);
  let nowMs = 0;
  let chargedToCalls = 0;
  let open: { readonly hold: number; readonly charge: number; readonly at: number }[] = [];
  return all.map((step, index) => {
    nowMs += waits ? step.waitMs : 0;
    for (const call of open.filter(({ at }) => at <= index)) {
      quota = settle(quota, { holds: [call.hold], charges: [call.charge] }, nowMs);
      chargedToCalls += call.charge;
    }
    open = open.filter(({ at }) => at > index);
    const admission = admit(quota, [step.hold], nowMs);
    quota = admission.quota;
    if (admission.kind === 'admitted') {
      open.push({ hold: step.hold, charge: step.hold * step.chargeShare, at: index + step.settleAfter });
    }
    const heldByCalls = open.reduce((sum, { hold }) => sum + hold, 0);
    return { quota, nowMs, heldByCalls, chargedToCalls };
  });
}

describe('whatever happens', () => {
  it('never has a level above its size', () => {
    fc.assert(
      fc.property(steps, (all) => {
        for (const { quota } of play(all, true)) expect(levelOf(quota)).toBeLessThanOrEqual(600);
      }),
    );
  });

  it('holds what open calls hold and settles what ended calls were charged', () => {
    fc.assert(
      fc.property(steps, (all) => {
        for (const { quota, heldByCalls, chargedToCalls } of play(all, true)) {
          expect(quota.buckets[0]).toMatchObject({ held: heldByCalls, settled: chargedToCalls });
        }
      }),
    );
  });

  it('keeps level + held + settled at its size while no time passes', () => {
    fc.assert(
      fc.property(steps, (all) => {
        for (const { quota } of play(all, false)) {
          const [bucket] = quota.buckets;
          expect((bucket?.level ?? 0) + (bucket?.held ?? 0) + (bucket?.settled ?? 0)).toBeCloseTo(600, 6);
        }
      }),
    );
  });

  it('never gives out more than its size and the refill', () => {
    fc.assert(
      fc.property(steps, (all) => {
        for (const { quota, nowMs } of play(all, true)) {
          const [bucket] = quota.buckets;
          const given = (bucket?.level ?? 0) + (bucket?.held ?? 0) + (bucket?.settled ?? 0);
          expect(given).toBeLessThanOrEqual(600 + nowMs / 100 + 1e-6);
        }
      }),
    );
  });

  it('charges nothing for a refused call', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 2_000 }), (all, hold) => {
        const last = play(all, true).at(-1);
        fc.pre(last !== undefined);
        const admission = admit(last.quota, [hold], last.nowMs + 7);
        fc.pre(admission.kind === 'refused');
        expect(admission.quota).toEqual(quotaAt(last.quota, last.nowMs + 7));
      }),
    );
  });
});

/** Calls evenly spaced at a multiple of 3,000,000 tokens a minute; each settles 5 s later to what it held. */
function firstRefusalSeconds(load: number, seconds: number): number | undefined {
  const perMinute = 3_000_000;
  const callTokens = 10_000;
  const everyMs = 60_000 / ((perMinute * load) / callTokens);
  let quota = openQuota([{ name: 'tpm', perMinute, burstSeconds: 60 }], 0);
  const ends: number[] = [];
  for (let nowMs = 0; nowMs < seconds * 1000; nowMs += everyMs) {
    while (ends[0] !== undefined && ends[0] <= nowMs) {
      quota = settle(quota, { holds: [callTokens], charges: [callTokens] }, ends.shift() ?? nowMs);
    }
    const admission = admit(quota, [callTokens], nowMs);
    if (admission.kind === 'refused') return Math.floor(nowMs / 1000);
    quota = admission.quota;
    ends.push(nowMs + 5_000);
  }
  return undefined;
}

describe('what was measured on the live service', () => {
  it('refuses nothing at twice the quota for 30 s from a full bucket', () => {
    expect(firstRefusalSeconds(2, 30)).toBeUndefined();
  });

  it('refuses first after 54 s at 2.1 times the quota', () => {
    expect(firstRefusalSeconds(2.1, 60)).toBe(54);
  });

  it('refuses first after 28 s at 3.07 times the quota', () => {
    expect(firstRefusalSeconds(3.07, 60)).toBe(28);
  });
});

it('sizes a bucket by its seconds of quota', () => {
  expect(bucketSize({ name: 'tpm', perMinute: 1_200, burstSeconds: 15 })).toBe(300);
});
