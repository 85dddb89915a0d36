import { createGovernor } from '../../../shared/core/governor/create-governor.ts';
import type { GovernedQuota } from '../../../shared/core/governor/governed-quota.ts';
import { createSizeLanes, preferredLane } from '../../../shared/core/scheduler/size-lanes.ts';

const START_MS = 1_000_000;
/** Buckets of 60,000 tokens and 60 requests; 1,000 tokens a request. */
const governor = (quota: GovernedQuota = { tokens_per_minute: 60_000, requests_per_minute: 60 }) =>
  createGovernor({ pool: { quota, burndown: 1 }, maxConcurrent: 1000, random: () => 0.5 }, START_MS);

const after = (calls: number, tokens: number) => {
  const one = governor();
  for (let call = 0; call < calls; call++)
    one.sent({ priority: 'high', inputTokens: tokens, maxTokens: 0 }, START_MS);
  return preferredLane(one.describe(START_MS));
};

describe('the size of request to take next', () => {
  it.each([
    ['nothing, while tokens have plenty', 40, 100, undefined],
    ['nothing, while requests have plenty', 10, 5000, undefined],
    ['large ones, when tokens have more to spare', 50, 700, 'large'],
    ['small ones, when requests have more to spare', 35, 1600, 'small'],
  ])('is %s', (_, calls, tokens, lane) => {
    expect(after(calls, tokens)).toBe(lane);
  });

  it('does not matter where requests are not limited', () => {
    const one = governor({ tokens_per_minute: 60_000 });
    expect(createSizeLanes(one.describe, START_MS)).toBeUndefined();
  });

  it('is large above what a request has when both quotas are used evenly', () => {
    expect(createSizeLanes(governor().describe, START_MS)?.boundaryTokens).toBe(1000);
  });
});
