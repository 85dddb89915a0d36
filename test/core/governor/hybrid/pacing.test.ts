import { createPacing } from '../../../../shared/core/governor/hybrid/pacing.ts';

const NOW_MS = 1_000_000;
/** 1,000 tokens a second, so sends are spaced to 2,000. */
const pacing = () => createPacing(() => 1000);

describe('the spacing of sends', () => {
  it('lets twice the sustained rate go', () => {
    const sends = pacing();
    expect(sends.waitMs(1000, false, NOW_MS)).toBe(0);
    sends.spend(1000, NOW_MS);
    expect(sends.waitMs(1, false, NOW_MS)).toBe(450);
    expect(sends.waitMs(1, false, NOW_MS + 450)).toBe(0);
  });

  it('forgives a send that is late by 50 ms, and saves nothing more up', () => {
    const sends = pacing();
    sends.spend(1000, NOW_MS);
    sends.spend(1000, NOW_MS + 490);
    expect(sends.waitMs(1, false, NOW_MS + 490)).toBe(460);

    sends.spend(1000, NOW_MS + 10_000);
    expect(sends.waitMs(1, false, NOW_MS + 10_000)).toBe(450);
  });

  it('lets the high class sprint two seconds ahead, and no more', () => {
    const sends = pacing();
    sends.spend(1000, NOW_MS);
    expect(sends.waitMs(2000, true, NOW_MS)).toBe(0);
    sends.spend(1500, NOW_MS);
    expect(sends.waitMs(500, true, NOW_MS)).toBe(0);
    expect(sends.waitMs(501, true, NOW_MS)).toBe(450);
  });

  it('regains the sprint at half the rate', () => {
    const sends = pacing();
    sends.spend(1000, NOW_MS);
    sends.spend(2000, NOW_MS);
    sends.refill(1);
    sends.spend(100_000, NOW_MS + 450);
    expect(sends.waitMs(500, true, NOW_MS + 450)).toBe(0);
    expect(sends.waitMs(501, true, NOW_MS + 450)).toBe(50_000);
  });
});
