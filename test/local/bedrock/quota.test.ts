import { type Dimension, dimensionNames, sizeOf } from '../../../local/bedrock/quota/dimension.ts';
import {
  type Admission,
  admit,
  changeQuota,
  chargeQuota,
  forgetSettled,
  type Hold,
  openQuota,
  type Quota,
  settle,
  usesAt,
} from '../../../local/bedrock/quota/quota.ts';
import type { Supply } from '../../../local/bedrock/quota/supply.ts';
import { constantly, type Timeline } from '../../../local/bedrock/quota/timeline.ts';

/** 600 tokens a minute: as a bucket it regains 10 a second. */
const bucket: Dimension = {
  name: 'tpm',
  limit: 600,
  periodSeconds: 60,
  algorithm: 'bucket',
  burstSeconds: 60,
  refusalCost: 0,
};
const fixed: Dimension = { ...bucket, algorithm: 'fixed' };
const sliding: Dimension = { ...bucket, algorithm: 'sliding' };
const rpm: Dimension = { ...bucket, name: 'rpm', limit: 60 };

const leftOf = (quota: Quota, nowMs: number, index = 0) => usesAt(quota, nowMs)[index]?.left;

const admitAll = (dimension: Dimension, holds: readonly number[]): readonly Admission['kind'][] => {
  let quota = openQuota([dimension], 0);
  return holds.map((tpm) => {
    const admission = admit(quota, { tpm }, 0);
    quota = admission.quota;
    return admission.kind;
  });
};

function taken(dimension: Dimension, tpm: number, nowMs = 0): { readonly quota: Quota; readonly hold: Hold } {
  const admission = admit(openQuota([dimension], nowMs), { tpm }, nowMs);
  if (admission.kind === 'refused') throw new Error('the hold was refused');
  return admission;
}

describe.each([
  ['bucket', bucket],
  ['fixed', fixed],
  ['sliding', sliding],
])('admission by %s', (_name, dimension) => {
  it.each([
    { why: 'starts full', holds: [600], expected: ['admitted'] },
    { why: 'ends where the quota ends', holds: [599, 1, 1], expected: ['admitted', 'admitted', 'refused'] },
    {
      why: 'takes nothing for a refusal',
      holds: [500, 200, 100],
      expected: ['admitted', 'refused', 'admitted'],
    },
    { why: 'lets an oversized hold pass only when full', holds: [601], expected: ['admitted'] },
    { why: 'refuses an oversized hold otherwise', holds: [1, 601], expected: ['admitted', 'refused'] },
    { why: 'leaves debt behind an oversized hold', holds: [900, 1], expected: ['admitted', 'refused'] },
    {
      why: 'refuses even a hold of nothing when nothing is left',
      holds: [600, 0],
      expected: ['admitted', 'refused'],
    },
  ])('$why', ({ holds, expected }) => {
    expect(admitAll(dimension, holds)).toEqual(expected);
  });

  it('refuses everything when the quota is zero', () => {
    expect(admitAll({ ...dimension, limit: 0 }, [0, 1, 700])).toEqual(['refused', 'refused', 'refused']);
  });
});

describe('what is left after 600 were held', () => {
  it.each([
    ['a bucket refills without steps', bucket, 500, 5],
    ['a bucket refills at its rate', bucket, 30_000, 300],
    ['a bucket never refills above its size', bucket, 61_000, 600],
    ['a bucket of 15 seconds is a quarter of the minute', { ...bucket, burstSeconds: 15 }, 61_000, 150],
    ['a fixed minute keeps nothing back until its end', fixed, 59_999, 0],
    ['a fixed minute begins whole', fixed, 60_000, 600],
    ['a sliding minute keeps nothing back for a minute', sliding, 60_009, 0],
    ['a sliding minute forgets after a minute', sliding, 60_010, 600],
    ['a clock that steps back is ignored by a bucket', bucket, -5_000, 0],
    ['a clock that steps back is ignored by a fixed minute', fixed, -5_000, 0],
    ['a clock that steps back is ignored by a sliding minute', sliding, -5_000, 0],
  ])('%s', (_why, dimension, afterMs, left) => {
    expect(leftOf(taken(dimension, 600).quota, afterMs)).toBe(left);
  });

  it('of a sliding minute comes back as it went', () => {
    const first = taken(sliding, 100).quota;
    const second = admit(first, { tpm: 200 }, 30_000).quota;
    expect([59_000, 60_010, 90_010].map((nowMs) => leftOf(second, nowMs))).toEqual([300, 400, 600]);
  });

  it('of a fixed minute depends on the clock and not on the first call', () => {
    expect(leftOf(taken(fixed, 600, 59_000).quota, 60_000)).toBe(600);
  });
});

describe('several dimensions', () => {
  it('take from none when one of them lacks, and name it', () => {
    const quota = openQuota([bucket, { ...rpm, limit: 1 }], 0);
    const first = admit(quota, { tpm: 100, rpm: 1 }, 0);
    expect(first.kind).toBe('admitted');
    const second = admit(first.quota, { tpm: 100, rpm: 1 }, 0);
    expect(second).toMatchObject({ kind: 'refused', lacking: ['rpm'] });
    expect(leftOf(second.quota, 0)).toBe(500);
  });

  it('charge a refusal where it costs something', () => {
    const quota = openQuota([bucket, { ...rpm, refusalCost: 1 }], 0);
    const refused = admit(admit(quota, { tpm: 600, rpm: 1 }, 0).quota, { tpm: 1, rpm: 1 }, 0);
    expect(refused).toMatchObject({ kind: 'refused', lacking: ['tpm'] });
    expect(usesAt(refused.quota, 0)).toMatchObject([{ left: 0 }, { left: 58, held: 1, settled: 1 }]);
  });

  it('have names in the order in which a refusal reads them', () => {
    expect(dimensionNames).toEqual(['rpm', 'tpd', 'tpm', 'itpm', 'otpm']);
  });
});

describe.each([
  ['bucket', bucket],
  ['fixed', fixed],
  ['sliding', sliding],
])('settlement by %s', (_name, dimension) => {
  const { quota, hold } = taken(dimension, 400);

  it.each([
    { why: 'gives back what was held too much', charge: 150, left: 450 },
    { why: 'gives everything back', charge: 0, left: 600 },
    { why: 'goes below zero when the charge exceeds what is left', charge: 700, left: -100 },
  ])('$why', ({ charge, left }) => {
    const settled = settle(quota, { hold, charges: { tpm: charge } }, 0);
    expect(usesAt(settled, 0)).toMatchObject([{ left, held: 0, settled: charge }]);
  });

  it('charges without a hold', () => {
    expect(usesAt(chargeQuota(quota, { tpm: 50 }, 0), 0)).toMatchObject([
      { left: 150, held: 400, settled: 50 },
    ]);
  });

  it('counts from zero again without touching what is left', () => {
    const settled = settle(quota, { hold, charges: { tpm: 150 } }, 0);
    expect(usesAt(forgetSettled(settled), 0)).toMatchObject([{ left: 450, settled: 0 }]);
  });
});

describe('late settlement', () => {
  it('refuses everything while in debt and admits again when it is paid', () => {
    const { quota, hold } = taken(bucket, 400);
    const debt = settle(quota, { hold, charges: { tpm: 700 } }, 0);
    expect(admit(debt, { tpm: 1 }, 10_000).kind).toBe('refused');
    expect(admit(debt, { tpm: 1 }, 10_100).kind).toBe('admitted');
  });

  it('never fills a bucket above its size, however much is given back', () => {
    const { quota, hold } = taken(bucket, 400);
    expect(leftOf(settle(quota, { hold, charges: {} }, 30_000), 30_000)).toBe(600);
  });

  it.each([
    ['a fixed minute that is over gets nothing back', fixed, 100, 600],
    ['a fixed minute pays what exceeds a hold of the last one', fixed, 500, 500],
    ['a sliding minute gets nothing back after a minute', sliding, 100, 600],
    ['a sliding minute pays what exceeds a hold that it forgot', sliding, 500, 500],
  ])('in %s', (_why, dimension, charge, left) => {
    const { quota, hold } = taken(dimension, 400);
    expect(leftOf(settle(quota, { hold, charges: { tpm: charge } }, 61_000), 61_000)).toBe(left);
  });
});

const supplyOf = (multiplier: Timeline, othersShare: Timeline): Supply => ({ multiplier, othersShare });
const halvedAfter10s: Timeline = { initial: 1, steps: [{ atMs: 10_000, value: 0.5 }] };
const none = constantly(0);

describe('a quota over time', () => {
  it.each([
    ['a bucket that holds too much spills it', bucket, 300],
    ['a fixed minute is smaller at once', fixed, 300],
    ['a sliding minute is smaller at once', sliding, 300],
  ])('that halves: %s', (_why, dimension, left) => {
    const quota = openQuota([dimension], 0, supplyOf(halvedAfter10s, none));
    expect(leftOf(quota, 9_999)).toBe(600);
    expect(leftOf(quota, 10_000)).toBe(left);
  });

  it('refills a bucket at each rate for its time', () => {
    const empty = admit(openQuota([bucket], 0, supplyOf(halvedAfter10s, none)), { tpm: 600 }, 0).quota;
    expect(leftOf(empty, 20_000)).toBe(150);
  });

  it('concerns no quota of a day', () => {
    const day: Dimension = { ...bucket, name: 'tpd', periodSeconds: 86_400, burstSeconds: 86_400 };
    const quota = openQuota([bucket, day], 0, supplyOf(halvedAfter10s, constantly(0.5)));
    expect(usesAt(quota, 20_000)).toMatchObject([{ size: 300 }, { size: 600, left: 600 }]);
  });

  it('of nothing refuses everything', () => {
    const quota = openQuota([bucket], 0, supplyOf(constantly(0), none));
    expect(admit(quota, { tpm: 0 }, 60_000).kind).toBe('refused');
  });

  it.each([
    ['slows the refill of a bucket', bucket, 30_000, 225],
    ['is used up in a fixed minute', fixed, 30_000, -75],
    ['is used up in a sliding minute', sliding, 30_000, -150],
    ['leaves a bucket full in the end', bucket, 120_000, 600],
    ['leaves a fixed minute whole at its start', fixed, 120_000, 600],
    ['is missing in a sliding minute for ever', sliding, 120_000, 450],
  ])('others take a quarter: it %s', (_why, dimension, nowMs, left) => {
    const quota = openQuota([dimension], 0, supplyOf(constantly(1), none));
    const empty = admit(quota, { tpm: 600 }, 0).quota;
    const shared = changeQuota(empty, { supply: supplyOf(constantly(1), constantly(0.25)) }, 0);
    expect(leftOf(shared, nowMs)).toBe(left);
  });

  it('others come and go', () => {
    const share: Timeline = {
      initial: 0,
      steps: [
        { atMs: 10_000, value: 1 },
        { atMs: 20_000, value: 0.5 },
      ],
    };
    const empty = admit(openQuota([bucket], 0, supplyOf(constantly(1), share)), { tpm: 600 }, 0).quota;
    expect([10_000, 20_000, 30_000].map((nowMs) => leftOf(empty, nowMs))).toEqual([100, 100, 150]);
  });
});

describe('a change of the quota', () => {
  it('spills what a smaller bucket cannot keep', () => {
    const halved = changeQuota(openQuota([bucket], 0), { dimensions: [{ ...bucket, limit: 300 }] }, 0);
    expect(leftOf(halved, 0)).toBe(300);
  });

  it('fills a larger bucket from where it was, at the new rate', () => {
    const raised = changeQuota(openQuota([bucket], 0), { dimensions: [{ ...bucket, limit: 1_200 }] }, 0);
    expect(leftOf(raised, 0)).toBe(600);
    expect(leftOf(raised, 10_000)).toBe(800);
  });

  it('counts the time before the change at the old rate', () => {
    const later = changeQuota(
      taken(bucket, 600).quota,
      { dimensions: [{ ...bucket, limit: 6_000 }] },
      10_000,
    );
    expect(leftOf(later, 11_000)).toBe(200);
  });

  it('keeps the holds of open calls when the algorithm changes', () => {
    const changed = changeQuota(taken(bucket, 400).quota, { dimensions: [sliding] }, 60_000);
    expect(usesAt(changed, 60_000)).toMatchObject([{ left: 200, held: 400 }]);
  });

  it('opens a new dimension whole, which takes no part in older holds', () => {
    const { quota, hold } = taken(bucket, 400);
    const more = changeQuota(quota, { dimensions: [bucket, rpm] }, 1_000);
    const settled = settle(more, { hold, charges: { tpm: 400, rpm: 1 } }, 1_000);
    expect(usesAt(settled, 1_000)[1]).toMatchObject({ left: 59, held: 0, settled: 1 });
  });

  it('forgets a dimension that is taken away', () => {
    const { quota, hold } = taken(bucket, 400);
    const without = changeQuota(quota, { dimensions: [rpm] }, 0);
    const back = changeQuota(without, { dimensions: [bucket] }, 1);
    expect(usesAt(settle(back, { hold, charges: { tpm: 100 } }, 1), 1)).toMatchObject([
      { left: 500, held: 0, settled: 100 },
    ]);
  });
});

it('sizes a bucket by its seconds of quota, and anything else by its period', () => {
  expect(sizeOf({ ...bucket, limit: 1_200, burstSeconds: 15 }, 1)).toBe(300);
  expect(sizeOf({ ...fixed, limit: 1_200, burstSeconds: 15 }, 0.5)).toBe(600);
});
