import { createTurnRate, type TurnRate } from '../../../shared/core/scheduler/turn-rate.ts';

/** A turn after every gap. */
const turns = (
  rate: TurnRate,
  count: number,
  { fromMs, gapMs }: { fromMs: number; gapMs: number },
): number => {
  for (let turn = 1; turn <= count; turn++) rate.turn(fromMs + turn * gapMs);
  return fromMs + count * gapMs;
};

describe('how often a tenant has its turn', () => {
  it('is not known before it has been watched for three seconds', () => {
    const rate = createTurnRate(0);
    turns(rate, 20, { fromMs: 0, gapMs: 100 });
    expect(rate.perSecond(2_900)).toBeUndefined();
    expect(rate.perSecond(3_200)).toBeGreaterThan(5);
  });

  it('is the mean of an even pace', () => {
    const rate = createTurnRate(0);
    const endMs = turns(rate, 1_000, { fromMs: 0, gapMs: 200 });
    expect(rate.perSecond(endMs)).toBeCloseTo(5, 1);
  });

  it('follows another pace within a minute', () => {
    const rate = createTurnRate(0);
    const slowMs = turns(rate, 60, { fromMs: 0, gapMs: 1_000 });
    const fastMs = turns(rate, 600, { fromMs: slowMs, gapMs: 100 });
    expect(rate.perSecond(fastMs)).toBeGreaterThan(8);
  });

  it('falls while no turn comes', () => {
    const rate = createTurnRate(0);
    const endMs = turns(rate, 100, { fromMs: 0, gapMs: 100 });
    expect(rate.perSecond(endMs + 60_000)).toBeLessThan(2);
  });
});
