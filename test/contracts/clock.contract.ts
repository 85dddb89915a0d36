import type { Clock } from '../../shared/ports/clock.ts';
import type { Subject } from './subject.ts';

const HOUR_MS = 3_600_000;

export const describeClock = (name: string, open: () => Promise<Subject<Clock>>): void => {
  describe(`${name} as clock`, () => {
    let subject: Subject<Clock>;

    beforeAll(async () => {
      subject = await open();
    });

    it('never goes back while somebody sleeps', async () => {
      const { port, run } = subject;
      const before = port.monotonicMs();
      await run(port.sleep(1));
      expect(port.monotonicMs()).toBeGreaterThanOrEqual(before);
    });

    it('lets nobody sleep who is not to', async () => {
      const { port } = subject;
      await expect(port.sleep(HOUR_MS, AbortSignal.abort())).resolves.toBeUndefined();
    });

    it('wakes who is not to sleep any more, and rejects nothing', async () => {
      const { port } = subject;
      const sleeping = new AbortController();
      const slept = port.sleep(HOUR_MS, sleeping.signal);
      sleeping.abort();
      await expect(slept).resolves.toBeUndefined();
    });

    it('wakes only whom it is told to', async () => {
      const { port, run } = subject;
      const woken: string[] = [];
      const other = new AbortController();
      const sleeping = port.sleep(HOUR_MS, other.signal).then(() => woken.push('other'));
      await run(port.sleep(1).then(() => woken.push('one')));
      other.abort();
      await sleeping;
      expect(woken).toEqual(['one', 'other']);
    });
  });
};
