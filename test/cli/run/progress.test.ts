import { createPalette } from '../../../cli/colour.ts';
import { createDisplay } from '../../../cli/run/progress-display.ts';
import {
  renderLive,
  renderProgress,
  renderSeconds,
  renderSummary,
} from '../../../cli/run/render-progress.ts';
import { expectCost, predictSeconds, quotaUseOf, type RunFigures } from '../../../cli/run/run-figures.ts';
import { createThrottleCounter } from '../../../cli/run/throttle-counter.ts';
import type { PoolQuota } from '../../../shared/contract/quota-view.ts';

const FIGURES: RunFigures = {
  total: 1000,
  succeeded: 410,
  failed: 2,
  inFlight: 100,
  inputTokens: 6100,
  outputTokens: 58_000,
  costUsd: 0.2134,
  expectedCostUsd: 0.518,
  quotaShare: 0.634,
  held: null,
  throttles: 3,
  elapsedMs: 41_200,
  etaSeconds: 38,
};

describe('progress', () => {
  it('is one line', () => {
    expect(renderProgress(FIGURES)).toBe(
      '410 of 1,000 done · 2 failed · 588 waiting (100 running) · quota 63 % · 64k tokens · $0.2134 of about $0.5180 · 3 throttles · ready in 38 s',
    );
  });

  it('leaves out what nobody knows', () => {
    const unknown = {
      ...FIGURES,
      costUsd: null,
      quotaShare: null,
      throttles: null,
      etaSeconds: null,
      inFlight: 0,
    };
    expect(renderProgress({ ...unknown, held: 'paused by an operator' })).toBe(
      '410 of 1,000 done · 2 failed · 588 waiting · 64k tokens · paused by an operator · no ETA yet',
    );
  });

  it('is never wider than the screen', () => {
    expect(renderLive(FIGURES, createPalette(false), 80)).toEqual([
      `${'━'.repeat(20)} 410 of 1,000 done · ready in 38 s · 2 failed`,
      'quota 63 % · 64k tokens · $0.2134 of about $0.5180 · 3 throttles',
    ]);
    for (const columns of [30, 60, 100, 200])
      for (const line of renderLive(FIGURES, createPalette(false), columns))
        expect(line.length).toBeLessThanOrEqual(columns);
  });

  it('ends with what it came to', () => {
    expect(renderSummary(FIGURES)).toBe(
      '410 done, 2 failed in 42 s · 64,100 tokens (6,100 in, 58,000 out) · $0.2134 · 3 throttles',
    );
  });

  it.each([
    [0.4, '1 s'],
    [89, '89 s'],
    [150, '3 min'],
    [7500, '2 h 5 min'],
  ])('tells %s seconds as %s', (seconds, text) => {
    expect(renderSeconds(seconds)).toBe(text);
  });

  it('predicts by the last half minute', () => {
    expect(predictSeconds([], 100)).toBeNull();
    expect(predictSeconds([{ atMs: 0, ended: 0 }], 100)).toBeNull();
    const samples = [
      { atMs: 0, ended: 0 },
      { atMs: 40_000, ended: 10 },
      { atMs: 60_000, ended: 50 },
    ];
    expect(predictSeconds(samples, 100)).toBe(25);
  });

  it('predicts nothing from the first few of many', () => {
    const samples = [
      { atMs: 0, ended: 0 },
      { atMs: 10_000, ended: 3 },
    ];
    expect(predictSeconds(samples, 1000)).toBeNull();
    expect(predictSeconds(samples, 30)).toBe(90);
  });

  it('expects what has ended to go on', () => {
    const sums = { succeeded: 8, failed: 2, inputTokens: 0, outputTokens: 0, costUsd: 0.5 };
    expect(expectCost(sums, 100, 7)).toBe(5);
    expect(expectCost({ ...sums, succeeded: 0, failed: 0, costUsd: 0 }, 100, 7)).toBe(7);
    expect(expectCost({ ...sums, costUsd: null }, 100, 7)).toBeNull();
  });

  it('takes the tightest quota', () => {
    const dimension = { limit: 1000, window_seconds: 60, settled_last_minute: 250, remaining: 1000 };
    const pool = {
      dimensions: [dimension, { ...dimension, window_seconds: 86_400, remaining: 400 }],
      concurrency: { in_flight: 7 },
      state: 'probing',
    } as unknown as PoolQuota;
    expect(quotaUseOf([pool])).toEqual({ share: 0.6, inFlight: 7, held: 'the service refuses, probing' });
  });

  it('counts refused calls in what the functions log', () => {
    const { onLine, count } = createThrottleCounter();
    onLine('{"_aws":{"CloudWatchMetrics":[{"Metrics":[{"Name":"ModelThrottles"}]}]},"ModelThrottles":3}');
    onLine('{"ModelCalls":5}');
    onLine('{"ModelThrottles":1}');
    expect(count()).toBe(4);
  });
});

describe('the display', () => {
  const display = (isTTY: boolean) => {
    const written: string[] = [];
    let nowMs = 0;
    const stream = {
      isTTY,
      columns: 60,
      write: (text: string) => {
        written.push(text);
        return true;
      },
    } as unknown as NodeJS.WriteStream;
    const shown = createDisplay({ stream, palette: createPalette(false), nowMs: () => nowMs });
    return { ...shown, written, later: (ms: number) => (nowMs += ms) };
  };

  it('draws over its lines on a terminal, and keeps them in the end', () => {
    const { show, say, close, written } = display(true);
    say('before');
    show(FIGURES);
    say('something happened');
    close();
    const lines = `${'━'.repeat(20)} 410 of 1,000 done · ready in 38 s\nquota 63 % · 64k tokens · $0.2134 of about $0.5180`;
    expect(written).toEqual([
      '\r\u001b[Jbefore\n',
      `\r\u001b[J${lines}`,
      `\r\u001b[1A\u001b[Jsomething happened\n${lines}`,
      '\n',
    ]);
  });

  it('makes room for results that go to the same screen', () => {
    const { show, beside, written } = display(true);
    show(FIGURES);
    beside(() => written.push('{"custom_id": "a"}\n'));
    const [drawn, cleared, result, drawnAgain] = written;
    expect([cleared, result]).toEqual(['\r\u001b[1A\u001b[J', '{"custom_id": "a"}\n']);
    expect(drawnAgain).toBe(drawn);
  });

  it('writes a plain line now and then elsewhere', () => {
    const { show, written, later } = display(false);
    show(FIGURES);
    later(9_999);
    show(FIGURES);
    later(1);
    show({ ...FIGURES, succeeded: 500 });
    expect(written.map((text) => text.split(' · ')[0])).toEqual(['410 of 1,000 done', '500 of 1,000 done']);
    expect(written.join('')).not.toContain('\u001b');
  });
});
