import { type LanesOptions, runLanes } from './run-lanes.ts';

// Minutes of virtual time; a busy machine takes longer than the usual five seconds.
jest.setTimeout(120_000);

/** The seed is always the same, and virtual time is: these outcomes change with the code, and with nothing else. */
const run = (options: Pick<LanesOptions, 'lanes' | 'fairness' | 'arrival'>) =>
  runLanes({ seed: 'lanes', scale: 0.5, seconds: 180, ...options });

describe('three heavy tenants and a light one, through doors, lanes, staging and scheduler', () => {
  it.each([
    ['off', 'streams'],
    ['aws-thresholds', 'streams'],
    ['off', 'loads'],
    ['aws-thresholds', 'loads'],
  ] as const)('share fairly with nine lanes, groups %s and %s', async (fairness, arrival) => {
    const { jain, lightP99Seconds, refused, use } = await run({ lanes: 9, fairness, arrival });
    expect(jain).toBeGreaterThanOrEqual(0.9);
    expect(lightP99Seconds).toBeLessThanOrEqual(5);
    expect(refused).toBe(0);
    // Nothing stands idle for what is hidden.
    expect(use).toBeGreaterThanOrEqual(0.95);
  });

  it.each([
    ['off', 'streams'],
    ['aws-thresholds', 'loads'],
  ] as const)(
    'need the nine: with three, groups %s and %s, the light one stands behind them',
    async (fairness, arrival) => {
      const { lightP99Seconds } = await run({ lanes: 3, fairness, arrival });
      expect(lightP99Seconds).toBeGreaterThan(10);
    },
  );
});
