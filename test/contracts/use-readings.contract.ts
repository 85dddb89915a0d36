import type { UseReading } from '../../shared/contract/use-reading.ts';
import type { UseReadings } from '../../shared/ports/account-use.ts';
import type { Subject } from './subject.ts';

const READING: UseReading = {
  model_id: 'm',
  looked_at_ms: 7,
  windows: [{ from_ms: 0, tokens: 12 }],
};

export const describeUseReadings = (name: string, open: () => Promise<Subject<UseReadings>>): void => {
  describe(`${name} as readings of what others use`, () => {
    let readings: UseReadings;

    beforeAll(async () => {
      readings = (await open()).port;
    });

    it('knows none of a pool that nobody has looked for', async () => {
      expect(await readings.read('nobody')).toBeUndefined();
    });

    it('keeps the last one of each pool', async () => {
      await readings.write('one', READING);
      await readings.write('other', { ...READING, model_id: 'n', windows: [] });
      await readings.write('one', { ...READING, looked_at_ms: 9, fault: 'denied' });

      expect(await readings.read('one')).toEqual({ ...READING, looked_at_ms: 9, fault: 'denied' });
      expect(await readings.read('other')).toEqual({ ...READING, model_id: 'n', windows: [] });
    });
  });
};
