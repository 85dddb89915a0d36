import { createEventQueue } from '../../cli/simulate/event-queue.ts';
import { countCalls, lastSentMs, waitsByPriority, waitsByTenant } from '../../cli/simulate/measures.ts';
import { jainIndex, percentile } from '../../cli/simulate/percentile.ts';
import { readTrace } from '../../cli/simulate/read-trace.ts';
import { renderReport, renderTable } from '../../cli/simulate/render-report.ts';
import { renderSvg } from '../../cli/simulate/render-svg.ts';
import { START_MS } from '../../cli/simulate/run-simulation.ts';
import { simulatePool } from '../../cli/simulate/simulate-pool.ts';
import { createTraffic } from '../../cli/simulate/synthetic-traffic.ts';
import { adviceOf, answerWhatIf } from '../../cli/simulate/what-if.ts';

const QUOTA = { tokensPerMinute: 2_000_000 };
const PRICES = { input: 1, output: 5 };
const trace = (...lines: readonly object[]): string => lines.map((line) => JSON.stringify(line)).join('\n');

describe('virtual time', () => {
  it('jumps from event to event, and keeps the order in which events of one moment were asked for', () => {
    const events = createEventQueue(1000);
    const seen: string[] = [];
    const note = (name: string) => () => seen.push(`${name} ${events.nowMs()}`);
    events.at(3000, note('late'));
    events.at(2000, note('first'));
    events.at(2000, note('second'));
    events.at(0, note('past'));
    events.run(10_000, () => false);

    expect(seen).toEqual(['past 1000', 'first 2000', 'second 2000', 'late 3000']);
  });

  it('ends when it is told to, and when nothing more happens', () => {
    const events = createEventQueue(0);
    let count = 0;
    const again = (): void => {
      count += 1;
      events.at(events.nowMs() + 1000, again);
    };
    again();
    events.run(5000, () => false);
    expect(count).toBe(6);
    events.run(100_000, () => count === 10);
    expect(count).toBe(10);
  });
});

describe('the calls that a simulated service tells of', () => {
  it('are all that reached it, refused ones as well', () => {
    const { service, outcomes } = simulatePool({
      seed: 'calls',
      traffic: createTraffic({ seed: 'calls', count: 300 }),
      quota: { tokensPerMinute: 200_000, burstSeconds: 1 },
    });
    const { calls, throttles } = countCalls(outcomes);

    expect(service.calls()).toHaveLength(calls);
    expect(throttles).toBeGreaterThan(0);
    expect(service.calls().filter(({ isAdmitted }) => !isAdmitted)).toHaveLength(throttles);
    expect(service.calls().every(({ sentAtMs, atMs }) => sentAtMs < atMs)).toBe(true);
  });
});

describe('a simulation', () => {
  const run = (seed: string) =>
    simulatePool({ seed, traffic: createTraffic({ seed, count: 500, perSecond: 20 }), quota: QUOTA });

  it('repeats exactly with the same seed, and differs with another', () => {
    const sent = (seed: string) => run(seed).outcomes.map(({ sentAtMs }) => sentAtMs);
    expect(sent('a')).toEqual(sent('a'));
    expect(sent('b')).not.toEqual(sent('a'));
  });

  it('answers every request once, and charges what the service charged', () => {
    const { outcomes, service } = run('c');
    const charged = service.charges().reduce((sum, { amount }) => sum + amount, 0);

    expect(outcomes.filter(({ answeredAtMs }) => answeredAtMs === undefined)).toEqual([]);
    expect(outcomes.reduce((sum, { charge }) => sum + charge, 0)).toBe(charged);
    expect(service.charges()).toHaveLength(500);
  });

  it('answers every request of a dead owner, too: those in flight once more', () => {
    const { outcomes } = simulatePool({
      seed: 'd',
      traffic: createTraffic({ seed: 'd', count: 1000, perSecond: 20 }),
      quota: QUOTA,
      changes: [{ kind: 'death', atMs: 20_000, silenceMs: 10_000 }],
    });
    expect(outcomes.filter(({ answeredAtMs }) => answeredAtMs === undefined)).toEqual([]);
    const twice = outcomes.filter(({ calls, throttles }) => calls - throttles === 2);
    expect(twice.length).toBeGreaterThan(10);
    expect(twice.length).toBeLessThan(300);
  });

  it('waits for a service that fails, and answers all of it in the end', () => {
    const { outcomes } = simulatePool({
      seed: 'e',
      traffic: createTraffic({ seed: 'e', count: 1000, perSecond: 20 }),
      quota: QUOTA,
      faults: [{ fromMs: START_MS + 10_000, toMs: START_MS + 40_000, share: 1 }],
    });
    const { faults, callsPerRequest } = countCalls(outcomes);
    expect(outcomes.filter(({ answeredAtMs }) => answeredAtMs === undefined)).toEqual([]);
    expect(faults).toBeGreaterThan(0);
    expect(callsPerRequest).toBeLessThan(1.2);
  });

  it('uses a plain mirror as well, at the price of being refused where the quota is not as configured', () => {
    const refused = (algorithm: 'hybrid' | 'bucket'): number => {
      const traffic = createTraffic({ seed: 'f', count: 3000, perSecond: 20 });
      const supply = {
        multiplier: { initial: 0.7, steps: [] },
        othersShare: { initial: 0, steps: [] },
      };
      return countCalls(simulatePool({ seed: 'f', traffic, quota: QUOTA, supply, algorithm }).outcomes)
        .throttles;
    };
    expect(refused('bucket')).toBeGreaterThan(5 * refused('hybrid'));
  });
});

describe('figures', () => {
  it.each([
    [0.5, 2],
    [0.95, 4],
    [0.99, 4],
    [0.25, 1],
  ])('take the smallest value that so many do not exceed: %d of 1 to 4 is %d', (share, value) => {
    expect(percentile([3, 1, 4, 2], share)).toBe(value);
  });

  it('tell equal shares from unequal ones', () => {
    expect([jainIndex([5, 5, 5]), jainIndex([9, 0, 0])]).toEqual([1, 1 / 3]);
  });
});

describe('a trace', () => {
  it('is requests as they arrived, from the first on', () => {
    const text = trace(
      { at: '2026-01-01T00:00:02Z', input_tokens: 10, output_tokens: 5, expires_in_seconds: 60 },
      {
        at: '2026-01-01T00:00:00Z',
        input_tokens: 100,
        output_tokens: 50,
        max_tokens: 200,
        tenant: 'a',
        priority: 'high',
        estimated_tokens: 90,
        latency_ms: 700,
      },
    );
    expect(readTrace(`${text}\n\n`)).toEqual([
      {
        id: 'line-2',
        tenant: 'a',
        priority: 'high',
        arrivesAtMs: 0,
        inputTokens: 100,
        estimatedTokens: 90,
        outputTokens: 50,
        maxTokens: 200,
        latencyMs: 700,
      },
      {
        id: 'line-1',
        tenant: 'default',
        priority: 'normal',
        arrivesAtMs: 2000,
        inputTokens: 10,
        estimatedTokens: 10,
        outputTokens: 5,
        maxTokens: 5,
        expiresAtMs: 62_000,
      },
    ]);
  });

  it.each([
    ['', 'The trace is empty: it must hold one request a line, as JSON.'],
    ['{"at_ms":1,"input_tokens":1,"output_tokens":1}\nnonsense', /^Line 2 of the trace is not JSON/],
    ['{"at_ms":1,"output_tokens":1}', /^Line 1 of the trace cannot be used: input_tokens: /],
    ['{"input_tokens":1,"output_tokens":1}', /must say when it arrived: either `at` \(ISO 8601\) or `at_ms`/],
    [
      '{"at_ms":1,"input_tokens":1,"output_tokens":1,"priority":"urgent"}',
      /priority: must be one of high, normal, low/,
    ],
    ['{"at_ms":1,"input_tokens":1,"output_tokens":1,"tokens":1}', /tokens: `tokens` is not known here/],
  ])('names what is wrong with %j', (text, message) => {
    expect(() => readTrace(text)).toThrow(message);
  });
});

describe('what if', () => {
  const answer = (perSecond: number, maxConcurrent = 700) => {
    const traffic = createTraffic({ seed: 'g', count: 1500, perSecond });
    return answerWhatIf({ seed: 'g', traffic, quota: QUOTA, maxConcurrent }, PRICES);
  };

  it('says which increase would pay, when the quota is short', () => {
    const { report } = answer(30);
    const advice = adviceOf(report);
    expect(advice).toMatch(
      /^The least that halves the longest p95 wait of \d+\.\d s: quota x (1\.25|1\.5|2) /,
    );
    expect(report.changes.map(({ what }) => what)).toEqual([
      'quota x 1.25',
      'quota x 1.5',
      'quota x 2',
      'quota x 4',
      'calls at once x 2 (1400)',
    ]);
  });

  it('says that none would, when nobody waits', () => {
    expect(adviceOf(answer(2).report)).toBe('No change would pay: 95 % of every class wait less than 1 s.');
  });

  it('says that calls at once are too few, when they are', () => {
    const { report } = answer(8, 20);
    expect(report.concurrencyBinds).toBe(true);
    expect(renderReport(report)).toContain('raise max_concurrent_executions');
    expect(answer(30).report.concurrencyBinds).toBe(false);
  });

  it('draws use and waiting requests', () => {
    const svg = renderSvg(answer(30).result);
    expect(svg).toMatch(/^<svg [^>]*>\n/);
    expect(svg.match(/<path d="M[^"]*"/g)).toHaveLength(2);
    expect(svg).not.toContain('NaN');
  });

  it('counts by class and by tenant', () => {
    const { outcomes } = answer(30).result;
    expect(waitsByPriority(outcomes)).toMatchObject([{ name: 'normal', requests: 1500, unanswered: 0 }]);
    expect(waitsByTenant(outcomes)).toMatchObject([{ name: 'default', requests: 1500 }]);
  });

  it('costs what the tokens cost', () => {
    const text = trace(
      { at_ms: 0, input_tokens: 1_000_000, output_tokens: 1000, max_tokens: 1000 },
      { at_ms: 0, input_tokens: 500_000, output_tokens: 100_000, max_tokens: 100_000 },
    );
    const { report, result } = answerWhatIf({ seed: 'h', traffic: readTrace(text), quota: QUOTA }, PRICES);
    expect(report.costUsd).toBeCloseTo(2.005, 9);
    expect(lastSentMs(result)).toBeGreaterThan(START_MS);
  });
});

it('makes tables with text on the left and figures on the right', () => {
  expect(
    renderTable([
      ['name', 'n'],
      ['long name', 7],
    ]),
  ).toBe('name       n\nlong name  7');
});
