import { createLoad, MEAN_COST, type Setting, tokensPerMinuteOf } from './load.ts';

const setting = (perMinute: number, mix: Setting['mix']): Setting => ({ perMinute, mix, seconds: 90 });

describe('the load over sockets', () => {
  test('is the same for the same seed, and another for another', () => {
    const one = createLoad(setting(600, 'steady'), 'a');
    expect(createLoad(setting(600, 'steady'), 'a')).toEqual(one);
    expect(createLoad(setting(600, 'steady'), 'b')).not.toEqual(one);
  });

  test('is all at once what is stored, and then a tenth more than the quota', () => {
    const requests = createLoad(setting(600, 'steady'), 'a');
    expect(requests.filter(({ arrivesAtMs }) => arrivesAtMs === 0).length).toBe(151);
    expect(requests.length).toBe(1141);
  });

  test.each(['steady', 'changing'] as const)(
    'costs by the minute about what the quota is exceeded by, %s',
    (mix) => {
      const requests = createLoad(setting(12_000, mix), 'a').filter(({ arrivesAtMs }) => arrivesAtMs > 0);
      const cost = requests.reduce((sum, { outputTokens }) => sum + 100 + 5 * outputTokens, 0);
      const perMinute = (cost / 90) * 60;
      expect(perMinute / tokensPerMinuteOf(setting(12_000, mix))).toBeGreaterThan(1.05);
      expect(perMinute / tokensPerMinuteOf(setting(12_000, mix))).toBeLessThan(1.15);
    },
  );

  test('never asks for less than it will be answered, nor for more than eight times that', () => {
    for (const { outputTokens, maxTokens } of createLoad(setting(6000, 'changing'), 'a')) {
      expect(maxTokens).toBeGreaterThanOrEqual(outputTokens);
      expect(maxTokens).toBeLessThanOrEqual(8 * outputTokens + 1);
    }
  });

  test('has a mean cost of 100 tokens of input and five times 120 of output', () => {
    expect(MEAN_COST).toBeCloseTo(698.6, 1);
  });
});
