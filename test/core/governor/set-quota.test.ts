import fc from 'fast-check';
import { createGovernor } from '../../../shared/core/governor/create-governor.ts';
import type { GovernedQuota } from '../../../shared/core/governor/governed-quota.ts';
import type { Governor } from '../../../shared/core/governor/governor.ts';
import { planned, START_MS, used } from './governor.contract.ts';

const TPM = { tokens_per_minute: 60_000 };

describe.each([
  ['hybrid', 60],
  ['bucket', 5],
] as const)('a quota that changes under the %s governor', (algorithm, burstSeconds) => {
  const governorOf = (quota: GovernedQuota): Governor =>
    createGovernor(
      { algorithm, pool: { quota, burndown: 1 }, maxConcurrent: 1000, random: () => 0.5 },
      START_MS,
    );
  const dimensionsAt = (governor: Governor, nowMs: number) =>
    governor.describe(nowMs).dimensions.map(({ name, limit, perSecond, size, level }) => ({
      name,
      limit,
      perSecond,
      size,
      level,
    }));

  it('for less is kept to at once: what was stored above it is gone', () => {
    const governor = governorOf(TPM);
    governor.setQuota({ tokens_per_minute: 6000 }, START_MS);

    expect(dimensionsAt(governor, START_MS)).toEqual([
      {
        name: 'tokens_per_minute',
        limit: 6000,
        perSecond: 100,
        size: 100 * burstSeconds,
        level: 100 * burstSeconds,
      },
    ]);
  });

  it('for more refills at the new rate, and gives nothing that was not there', () => {
    const governor = governorOf(TPM);
    governor.sent(planned(1000 * burstSeconds), START_MS);
    governor.setQuota({ tokens_per_minute: 120_000 }, START_MS);

    expect(dimensionsAt(governor, START_MS)).toMatchObject([{ limit: 120_000, level: 0 }]);
    expect(dimensionsAt(governor, START_MS + 1000)).toMatchObject([{ level: 2000 }]);
  });

  it('that gains a limit counts it from then on, and calls under way are still settled rightly', () => {
    const governor = governorOf(TPM);
    const sent = governor.sent(planned(1000), START_MS);
    governor.setQuota({ ...TPM, requests_per_minute: 60 }, START_MS);
    const later = governor.sent(planned(500), START_MS);
    governor.answered(sent, used(400), START_MS);
    governor.answered(later, used(100), START_MS);

    expect(governor.remaining(START_MS)).toMatchObject({
      inFlight: 0,
      taken: { tokens_per_minute: 500 },
    });
    expect(governor.describe(START_MS).dimensions).toMatchObject([
      { name: 'tokens_per_minute', held: 0 },
      { name: 'requests_per_minute', limit: 60, held: 0 },
    ]);
  });

  it('that loses a limit keeps it for now', () => {
    const governor = governorOf({ ...TPM, requests_per_minute: 60 });
    governor.setQuota(TPM, START_MS);

    expect(dimensionsAt(governor, START_MS)).toMatchObject([
      { name: 'tokens_per_minute' },
      { name: 'requests_per_minute', limit: 60 },
    ]);
  });

  it('to what it was already changes nothing', () => {
    const calls = fc.array(fc.record({ tokens: fc.nat(5000), pauseMs: fc.nat(3000), told: fc.boolean() }));
    fc.assert(
      fc.property(calls, (all) => {
        const told = governorOf(TPM);
        const untold = governorOf(TPM);
        let nowMs = START_MS;
        for (const { tokens, pauseMs, told: isTold } of all) {
          nowMs += pauseMs;
          if (isTold) told.setQuota(TPM, nowMs);
          expect(told.mayGo(planned(tokens), nowMs)).toEqual(untold.mayGo(planned(tokens), nowMs));
          told.sent(planned(tokens), nowMs);
          untold.sent(planned(tokens), nowMs);
        }
        expect(told.describe(nowMs)).toEqual(untold.describe(nowMs));
      }),
    );
  });
});

describe('what refusals taught the hybrid governor', () => {
  const taught = (): Governor => {
    const governor = createGovernor(
      { pool: { quota: TPM, burndown: 1 }, maxConcurrent: 1000, random: () => 0.5 },
      START_MS,
    );
    governor.throttled(governor.sent(planned(1000), START_MS), 'tokens', START_MS + 100);
    return governor;
  };
  const learned = (governor: Governor) => {
    const [first] = governor.describe(START_MS + 100).dimensions;
    return { multiplier: first?.multiplier, perSecond: first?.perSecond };
  };

  it('is the same rate of a smaller grant, and never more than all of it', () => {
    const before = learned(taught());
    expect(before.multiplier).toBeLessThan(1);

    const little = taught();
    little.setQuota({ tokens_per_minute: 59_000 }, START_MS + 100);
    expect(learned(little).perSecond).toBeCloseTo(before.perSecond ?? 0, 5);

    const tiny = taught();
    tiny.setQuota({ tokens_per_minute: 600 }, START_MS + 100);
    expect(learned(tiny)).toEqual({ multiplier: 1, perSecond: 10 });
  });

  it('is the same share of a larger grant', () => {
    const before = learned(taught());
    const governor = taught();
    governor.setQuota({ tokens_per_minute: 600_000 }, START_MS + 100);

    expect(learned(governor).multiplier).toBe(before.multiplier);
  });
});
