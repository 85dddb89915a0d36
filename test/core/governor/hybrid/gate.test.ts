import { createGate } from '../../../../shared/core/governor/hybrid/gate.ts';

const NOW_MS = 1_000_000;
const gate = () => createGate(() => 0.5);

describe('the gate', () => {
  it('is open at first', () => {
    expect([gate().isOpen(NOW_MS), gate().waitMs(NOW_MS, false), gate().send(NOW_MS)]).toEqual([
      true,
      0,
      false,
    ]);
  });

  it('closes for 0.4 s after a refusal, and then lets one probe go alone', () => {
    const entry = gate();
    entry.refused(false, NOW_MS);
    expect(entry.waitMs(NOW_MS, false)).toBe(400);
    expect(entry.waitMs(NOW_MS + 400, false)).toBe(0);
    expect(entry.send(NOW_MS + 400)).toBe(true);
    expect(entry.waitMs(NOW_MS + 410, false)).toBe(590);
  });

  it.each([
    [0, 320],
    [0.999999, 480],
  ])('spreads the pause: at a draw of %d it is %d ms', (draw, waitMs) => {
    const entry = createGate(() => draw);
    entry.refused(false, NOW_MS);
    expect(entry.waitMs(NOW_MS, false)).toBeCloseTo(waitMs, 1);
  });

  it('lets one urgent call go beside the probe, as another probe', () => {
    const entry = gate();
    entry.refused(false, NOW_MS);
    entry.send(NOW_MS + 400);
    expect([entry.waitMs(NOW_MS + 410, false), entry.waitMs(NOW_MS + 410, true)]).toEqual([590, 0]);
    expect(entry.send(NOW_MS + 410)).toBe(true);
    expect(entry.waitMs(NOW_MS + 420, true)).toBe(580);

    entry.refused(true, NOW_MS + 500);
    expect(entry.waitMs(NOW_MS + 500, true)).toBe(800);
    // The pause over, there is a probe again, and room beside it.
    entry.send(NOW_MS + 1300);
    expect(entry.waitMs(NOW_MS + 1310, true)).toBe(0);
  });

  it('opens when the probe is answered', () => {
    const entry = gate();
    entry.refused(false, NOW_MS);
    entry.send(NOW_MS + 400);
    entry.probeEnded(true);
    expect([entry.isOpen(NOW_MS + 410), entry.waitMs(NOW_MS + 410, false)]).toEqual([true, 0]);
  });

  it('opens when the probe has been silent for 0.6 s: a refusal would be back', () => {
    const entry = gate();
    entry.refused(false, NOW_MS);
    entry.send(NOW_MS + 400);
    expect(entry.isOpen(NOW_MS + 999)).toBe(false);
    expect(entry.isOpen(NOW_MS + 1000)).toBe(true);
  });

  it('sends another probe when the first never left', () => {
    const entry = gate();
    entry.refused(false, NOW_MS);
    entry.send(NOW_MS + 400);
    entry.probeEnded(false);
    expect([entry.isOpen(NOW_MS + 410), entry.waitMs(NOW_MS + 410, false)]).toEqual([false, 0]);
    expect(entry.send(NOW_MS + 410)).toBe(true);
  });

  it('doubles the pause with each refused probe, to 30 s', () => {
    const entry = gate();
    entry.refused(false, NOW_MS);
    const waits = Array.from({ length: 8 }, (_, probe) => {
      const atMs = NOW_MS + (probe + 1) * 60_000;
      entry.refused(true, atMs);
      return entry.waitMs(atMs, false);
    });
    expect(waits).toEqual([800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);

    entry.refused(false, NOW_MS + 3_600_000);
    expect(entry.waitMs(NOW_MS + 3_600_000, false)).toBe(400);
  });

  it('does not let a short pause end a long one', () => {
    const entry = gate();
    entry.refusedForToday(NOW_MS);
    entry.refused(false, NOW_MS + 1000);
    expect(entry.waitMs(NOW_MS + 2000, false)).toBe(898_000);
  });

  it('knows which calls it has reacted to already', () => {
    const entry = gate();
    expect(entry.isNews(NOW_MS)).toBe(true);
    entry.refused(false, NOW_MS);
    expect([entry.isNews(NOW_MS), entry.isNews(NOW_MS + 1)]).toEqual([false, true]);
  });
});
