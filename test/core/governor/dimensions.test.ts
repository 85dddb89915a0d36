import { dimensionsOf } from '../../../shared/core/governor/dimensions.ts';

const CALL = { priority: 'normal', inputTokens: 100, maxTokens: 50 } as const;
const USAGE = { inputTokens: 90, outputTokens: 20, cacheWriteTokens: 7 };

describe('the dimensions of a quota', () => {
  it('are its tokens a minute alone, where nothing else is limited', () => {
    const dimensions = dimensionsOf({ quota: { tokens_per_minute: 60_000 }, burndown: 5 });

    expect(dimensions).toMatchObject([{ name: 'tokens_per_minute', perSecond: 1000, size: 5000 }]);
  });

  it('are all three, where all are limited', () => {
    const dimensions = dimensionsOf({
      quota: { tokens_per_minute: 60_000, requests_per_minute: 120, tokens_per_day: 8_640_000 },
      burndown: 5,
    });

    expect(dimensions).toMatchObject([
      { name: 'tokens_per_minute', perSecond: 1000, size: 5000 },
      { name: 'requests_per_minute', perSecond: 2, size: 10 },
      { name: 'tokens_per_day', perSecond: 100, size: 8_640_000 },
    ]);
  });

  it('store one request at least, however few are granted', () => {
    const [, requests] = dimensionsOf({
      quota: { tokens_per_minute: 1, requests_per_minute: 6 },
      burndown: 1,
    });

    expect(requests).toMatchObject({ perSecond: 0.1, size: 1 });
  });

  it.each([
    [5, [150, 1, 150], [197, 1, 197]],
    [1, [150, 1, 150], [117, 1, 117]],
  ])('hold input and max_tokens, and charge output times %i', (burndown, holds, charges) => {
    const dimensions = dimensionsOf({
      quota: { tokens_per_minute: 1, requests_per_minute: 1, tokens_per_day: 1 },
      burndown,
    });

    expect(dimensions.map(({ hold }) => hold(CALL))).toEqual(holds);
    expect(dimensions.map(({ charge }) => charge(USAGE))).toEqual(charges);
  });
});
