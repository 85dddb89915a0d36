import type { SimulatedRequest } from '../../../cli/simulate/simulated-request.ts';
import { checkAlgorithms } from './check-algorithms.ts';
import type { Contender } from './contender.ts';
import { type Measured, measure } from './measure.ts';
import { sdkStandard } from './sdk.ts';
import { smoother } from './smoother.ts';
import { boundSecondsOf, createWorkload, type WorkloadName } from './workload.ts';

const SEED = '2026';

const measured = async (
  { name, kind, setup, run }: Contender,
  workload: WorkloadName,
  scale: number,
): Promise<Measured> => {
  const requests = createWorkload(workload, SEED, scale);
  return measure(requests, await run(requests, SEED), { contender: name, kind, setup });
};

describe('the request smoother, of those that the bench compares', () => {
  test.each([
    ['steady', 7000],
    ['bursty', 6300],
    ['changing', 7968],
  ] as const)(
    'answers each of %s once, in full use of the quota and with hardly a refusal',
    async (name, requests) => {
      const ours = await measured(smoother, name, 1);

      expect(ours).toMatchObject({ requests, answered: requests, lost: 0, unfinished: 0, sent_twice: 0 });
      expect(ours.calls_per_request).toBeLessThanOrEqual(1.002);
      expect(ours.use_percent).toBeGreaterThanOrEqual(98);
      expect(ours.last_sent_of_bound).toBeLessThanOrEqual(1.03);
      expect(ours.waits.high.p99_seconds).toBeLessThanOrEqual(0.25);
    },
  );
});

describe('the SDK on the clock of the simulation', () => {
  let sdk: Measured;
  beforeAll(async () => {
    sdk = await measured(sdkStandard, 'bursty', 0.2);
  }, 300_000);

  test('makes three attempts at most, so that a load at once is lost in part', () => {
    expect(sdk.requests).toBe(1260);
    expect(sdk.answered + sdk.lost).toBe(1260);
    expect(sdk.lost).toBeGreaterThan(20);
    expect(sdk.throttled).toBeGreaterThanOrEqual(sdk.lost);
    expect(sdk.calls).toBeLessThanOrEqual(3 * 1260);
    expect(sdk.sent_twice).toBe(0);
  });

  test('leaves the clock as it was', () => {
    expect(Date.now()).toBeGreaterThan(Date.parse('2026-01-01'));
  });
});

const request = (arrivesAtMs: number, outputTokens: number): SimulatedRequest => ({
  id: `at-${arrivesAtMs}`,
  tenant: 'default',
  priority: 'normal',
  arrivesAtMs,
  inputTokens: 0,
  estimatedTokens: 0,
  outputTokens,
  maxTokens: outputTokens,
});

describe('the bound', () => {
  test.each([
    [
      'is the last arrival, where all fits into what is stored',
      [request(0, 1000), request(30_000, 1000)],
      30,
    ],
    // 3,000,000 tokens at 2,000,000 a minute, of which a minute is stored.
    ['is the time that the quota takes beyond what is stored', [request(0, 600_000)], 30],
    ['counts from the arrival of what has to wait', [request(0, 10), request(60_000, 600_000)], 90],
  ])('%s', (_, requests, seconds) => {
    expect(boundSecondsOf({ name: 'steady', title: '', requests })).toBeCloseTo(seconds, 3);
  });
});

describe('the check of a run', () => {
  const WAITS = { p50_seconds: 0, p99_seconds: 0 };
  const SOUND: Measured = {
    contender: smoother.name,
    kind: 'production code',
    setup: '',
    requests: 1000,
    answered: 1000,
    lost: 0,
    unfinished: 0,
    sent_twice: 0,
    calls: 1000,
    throttled: 0,
    throttled_percent: 0,
    calls_per_request: 1,
    use_percent: 100,
    last_sent_seconds: 600,
    last_sent_of_bound: 1,
    waits: { high: WAITS, normal: WAITS, low: WAITS },
    series: { bin_seconds: 15, use: [], throttled: [] },
  };
  const check = (changed: Partial<Measured>): readonly string[] =>
    checkAlgorithms({
      seed: SEED,
      scale: 1,
      workloads: [
        {
          workload: 'steady',
          title: '',
          requests: 1000,
          bound_seconds: 600,
          measured: [{ ...SOUND, ...changed }],
        },
      ],
    });

  test('finds nothing in a sound one', () => {
    expect(check({})).toEqual([]);
  });

  test.each<[Partial<Measured>, string]>([
    [{ answered: 999, lost: 1 }, 'answered 999 of 1000'],
    [{ answered: 999, unfinished: 1 }, 'lost 0 and did not finish 1'],
    [{ sent_twice: 1 }, 'sent 1 twice'],
    [{ calls_per_request: 1.03 }, 'made 1.03 calls a request, at most 1.02'],
    [{ throttled_percent: 0.3 }, 'was refused 0.3 % of its calls, at most 0.2'],
    [{ use_percent: 96 }, 'used 96 % of the quota, at least 97'],
    [{ last_sent_of_bound: 1.1 }, 'was done after 1.1 of the bound, at most 1.05'],
    [{ answered: 999 }, 'told of 999 of 1000'],
  ])('tells of %j', (changed, fault) => {
    expect(check(changed)).toContain(`steady: request smoother ${fault}`);
  });

  test('lets others lose, but not lose count', () => {
    expect(check({ contender: 'other', answered: 10, lost: 990 })).toEqual([]);
    expect(check({ contender: 'other', answered: 10, lost: 989 })).toEqual([
      'steady: other told of 999 of 1000',
    ]);
  });
});
