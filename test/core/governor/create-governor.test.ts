import { createGovernor } from '../../../shared/core/governor/create-governor.ts';
import { GOVERNOR_ALGORITHMS } from '../../../shared/core/governor/governor-view.ts';
import { describeGovernor, START_MS } from './governor.contract.ts';

const BURST_SECONDS = { hybrid: 60, bucket: 5 } as const;
const quota = { tokens_per_minute: 60_000 };

for (const algorithm of GOVERNOR_ALGORITHMS)
  describeGovernor({
    name: algorithm,
    burstSeconds: BURST_SECONDS[algorithm],
    create: ({ quota: asked = quota, burndown = 1, maxConcurrent = 1000, ...setup }, atMs) =>
      createGovernor(
        { ...setup, algorithm, maxConcurrent, pool: { quota: asked, burndown }, random: () => 0.5 },
        atMs,
      ),
  });

describe('the choice of a governor', () => {
  const options = { pool: { quota, burndown: 1 }, maxConcurrent: 10, random: () => 0.5 };

  it.each([
    [undefined, 'hybrid'],
    ['hybrid', 'hybrid'],
    ['bucket', 'bucket'],
  ] as const)('of %s is %s', (algorithm, chosen) => {
    const governor = createGovernor(
      { ...options, ...(algorithm === undefined ? {} : { algorithm }) },
      START_MS,
    );

    expect(governor.describe(START_MS).algorithm).toBe(chosen);
  });

  it.each([
    ['hybrid', 'bucket'],
    ['bucket', 'hybrid'],
  ] as const)('may change: after %s, %s begins no richer', (before, after) => {
    const first = createGovernor({ ...options, algorithm: before, epoch: 1 }, START_MS);
    const call = { priority: 'high', inputTokens: 59_000, maxTokens: 0 } as const;
    first.sent(call, START_MS);
    const snapshot = JSON.parse(JSON.stringify(first.snapshot(START_MS)));
    const second = createGovernor({ ...options, algorithm: after, epoch: 2, snapshot }, START_MS);

    expect(second.snapshot(START_MS).levels.tokens_per_minute).toBeLessThanOrEqual(1000);
  });

  it('begins anew with what it cannot read', () => {
    const snapshot = {
      takenAtMs: START_MS,
      levels: {},
      pausedUntilMs: 0,
      learned: { algorithm: 'hybrid', state: { mirrors: 7 } },
    };

    expect(createGovernor({ ...options, snapshot }, START_MS).describe(START_MS)).toMatchObject({
      state: 'open',
      dimensions: [{ level: 60_000, burstSeconds: 60 }],
    });
  });
});
