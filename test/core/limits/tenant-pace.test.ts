import fc from 'fast-check';
import {
  createTenantPace,
  type PaceLimits,
  type TenantPace,
} from '../../../shared/core/limits/tenant-pace.ts';

const paceOf = (limits: PaceLimits, nowMs = 0): TenantPace => {
  const pace = createTenantPace(limits, nowMs);
  if (pace === undefined) throw new Error('nothing is limited');
  return pace;
};

/** Calls as soon as each may begin, until a time; answers with when they began. */
const beginAsSoonAsPossible = (pace: TenantPace, untilMs: number, tokens = 1): readonly number[] => {
  const begun: number[] = [];
  for (let atMs = pace.mayGoAtMs(0); atMs < untilMs; atMs = pace.mayGoAtMs(atMs)) {
    pace.began(tokens, atMs);
    pace.ended({ counted: tokens, used: tokens }, atMs);
    begun.push(atMs);
  }
  return begun;
};

describe('the pace of a tenant', () => {
  it('is none where nothing is limited', () => {
    expect(createTenantPace({}, 0)).toBeUndefined();
  });

  it('lets the first call go at once, and then one each second at sixty a minute', () => {
    expect(beginAsSoonAsPossible(paceOf({ requests_per_minute: 60 }), 4_000)).toEqual([0, 1000, 2000, 3000]);
  });

  it('catches up with ten seconds that were not used, and no more', () => {
    const pace = paceOf({ requests_per_minute: 60 });
    const begun: number[] = [];
    while (pace.mayGoAtMs(600_000) <= 600_000) {
      pace.began(1, 600_000);
      begun.push(600_000);
    }
    expect(begun).toHaveLength(10);
  });

  it('lets a call go that is larger than what is left, and waits until that is made up for', () => {
    const pace = paceOf({ tokens_per_minute: 6_000 });
    pace.began(501, 0);
    expect(pace.mayGoAtMs(0)).toBe(5_010);
  });

  it('counts what a call used and not what it was expected to use', () => {
    const pace = paceOf({ tokens_per_minute: 6_000 });
    pace.began(1_001, 0);
    pace.ended({ counted: 1_001, used: 101 }, 500);
    expect(pace.mayGoAtMs(500)).toBe(1_010);
  });

  it('gives back what was never called', () => {
    const pace = paceOf({ requests_per_minute: 6, tokens_per_minute: 6_000 });
    pace.began(500, 0);
    expect(pace.mayGoAtMs(0)).toBe(10_000);
    pace.ended({ counted: 500, used: 0 }, 0);
    expect(pace.mayGoAtMs(0)).toBe(0);
  });

  it('waits for the end of a call where no more may be under way', () => {
    const pace = paceOf({ max_concurrent: 2 });
    pace.began(1, 0);
    pace.began(1, 0);
    expect(pace.mayGoAtMs(1_000)).toBe(Number.POSITIVE_INFINITY);
    pace.ended({ counted: 1, used: 1 }, 2_000);
    expect(pace.mayGoAtMs(2_000)).toBe(2_000);
  });

  it('is at rest when nothing is under way and everything is filled up again', () => {
    const pace = paceOf({ requests_per_minute: 60 });
    pace.began(1, 0);
    expect(pace.isAtRest(60_000)).toBe(false);
    pace.ended({ counted: 1, used: 1 }, 60_000);
    expect(pace.isAtRest(60_000)).toBe(true);
  });

  it('never exceeds its rate by more than what is stored and one call, whenever calls begin', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6_000 }),
        fc.array(fc.record({ afterMs: fc.nat(3_000), tokens: fc.integer({ min: 1, max: 500 }) }), {
          maxLength: 200,
        }),
        (perMinute, wishes) => {
          const pace = paceOf({ tokens_per_minute: perMinute });
          let nowMs = 0;
          let used = 0;
          for (const { afterMs, tokens } of wishes) {
            nowMs += afterMs;
            if (pace.mayGoAtMs(nowMs) > nowMs) continue;
            pace.began(tokens, nowMs);
            pace.ended({ counted: tokens, used: tokens }, nowMs);
            used += tokens;
          }
          expect(used).toBeLessThanOrEqual((perMinute * (nowMs + 10_000)) / 60_000 + 501);
        },
      ),
    );
  });
});
