import fc from 'fast-check';
import { BARRED_MS, type Breaker, createBreaker, OPEN_MS } from '../../../shared/core/targets/breaker.ts';

const START_MS = 1_000_000;
const middling = (): number => 0.5;

const lose = (breaker: Breaker, times: number, nowMs = START_MS): void => {
  for (let loss = 0; loss < times; loss += 1) breaker.lost(breaker.sent(nowMs), nowMs);
};

const opened = (): Breaker => {
  const breaker = createBreaker(middling);
  lose(breaker, 3);
  return breaker;
};

describe('a breaker', () => {
  it('stays closed while losses do not come three in a row', () => {
    const breaker = createBreaker(middling);
    for (let round = 0; round < 20; round += 1) {
      lose(breaker, 2);
      breaker.worked(breaker.sent(START_MS), START_MS);
    }
    expect([breaker.state(START_MS), breaker.waitMs(START_MS)]).toEqual(['closed', 0]);
  });

  it('opens for five seconds at the third in a row', () => {
    const breaker = opened();
    expect([breaker.state(START_MS), breaker.waitMs(START_MS)]).toEqual(['open', 5000]);
    expect([breaker.state(START_MS + 5000), breaker.waitMs(START_MS + 5000)]).toEqual(['probing', 0]);
  });

  it('lets one probe go, and closes with its answer', () => {
    const breaker = opened();
    expect(breaker.sent(START_MS + 5000)).toBe(true);
    expect(breaker.waitMs(START_MS + 5001)).toBe(9999);
    breaker.worked(true, START_MS + 6000);
    expect([breaker.state(START_MS + 6000), breaker.waitMs(START_MS + 6000)]).toEqual(['closed', 0]);
  });

  it('opens for twice as long whenever the probe is lost, up to two minutes', () => {
    const breaker = opened();
    let nowMs = START_MS;
    const waits = Array.from({ length: 7 }, () => {
      nowMs += breaker.waitMs(nowMs);
      lose(breaker, 1, nowMs);
      return breaker.waitMs(nowMs);
    });
    expect(waits).toEqual([10_000, 20_000, 40_000, 80_000, 120_000, 120_000, 120_000]);
  });

  it('opens for longer when it had hardly closed, and as for the first time a minute later', () => {
    const relapse = (afterMs: number): number => {
      const breaker = opened();
      breaker.sent(START_MS + 5000);
      breaker.worked(true, START_MS + 5000);
      lose(breaker, 3, START_MS + 5000 + afterMs);
      return breaker.waitMs(START_MS + 5000 + afterMs);
    };
    expect([relapse(59_999), relapse(60_000)]).toEqual([10_000, 5000]);
  });

  it('is moved by no call that was sent before it opened', () => {
    const breaker = opened();
    breaker.worked(false, START_MS + 1);
    breaker.lost(false, START_MS + 2);
    expect(breaker.waitMs(START_MS + 2)).toBe(4998);
    breaker.worked(false, START_MS + 5001);
    expect(breaker.state(START_MS + 5001)).toBe('probing');
  });

  it('sends another probe when the first was withdrawn, or is silent for ten seconds', () => {
    const breaker = opened();
    breaker.withdrawn(breaker.sent(START_MS + 5000));
    expect(breaker.waitMs(START_MS + 5000)).toBe(0);
    breaker.sent(START_MS + 5000);
    expect([breaker.waitMs(START_MS + 14_999), breaker.waitMs(START_MS + 15_000)]).toEqual([1, 0]);
  });

  it('stays open for five minutes where no call would be answered', () => {
    const breaker = createBreaker(middling);
    breaker.barred(START_MS);
    expect([OPEN_MS, BARRED_MS, breaker.waitMs(START_MS)]).toEqual([5000, 300_000, 300_000]);
  });

  it('goes on from what was saved as if nothing had been interrupted', () => {
    const event = fc.record({
      kind: fc.constantFrom('worked', 'lost', 'lost', 'lost', 'withdrawn', 'barred'),
      pauseMs: fc.integer({ min: 0, max: 30_000 }),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.nat({ max: 40 }), (events, cut) => {
        let first = createBreaker(middling);
        const second = createBreaker(middling);
        let nowMs = START_MS;
        for (const [index, { kind, pauseMs }] of events.entries()) {
          nowMs += pauseMs;
          if (index === cut) first = createBreaker(middling, JSON.parse(JSON.stringify(first.save())));
          for (const breaker of [first, second]) {
            if (breaker.waitMs(nowMs) > 0) continue;
            const wasProbe = breaker.sent(nowMs);
            if (kind === 'worked') breaker.worked(wasProbe, nowMs);
            else if (kind === 'lost') breaker.lost(wasProbe, nowMs);
            else if (kind === 'barred') breaker.barred(nowMs);
            else breaker.withdrawn(wasProbe);
          }
          expect([first.state(nowMs), first.waitMs(nowMs)]).toEqual([
            second.state(nowMs),
            second.waitMs(nowMs),
          ]);
        }
      }),
    );
  });
});
