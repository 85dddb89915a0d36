import type { QuotaReading } from '../../shared/contract/quota-reading.ts';
import type { QuotaReadings } from '../../shared/ports/quota-readings.ts';
import type { Subject } from './subject.ts';

const READING: QuotaReading = {
  model_id: 'm',
  outcome: 'found',
  read_at_ms: 7,
  detail: 'Found.',
  quota: { tokens_per_minute: 5 },
  quota_read_at_ms: 7,
};

export const describeQuotaReadings = (name: string, open: () => Promise<Subject<QuotaReadings>>): void => {
  describe(`${name} as readings of quotas`, () => {
    let readings: QuotaReadings;

    beforeAll(async () => {
      readings = (await open()).port;
    });

    it('knows none of a pool that nobody has looked for', async () => {
      expect(await readings.read('nobody')).toBeUndefined();
    });

    it('keeps the last one of each pool', async () => {
      await readings.write('one', READING);
      await readings.write('other', { ...READING, model_id: 'n' });
      await readings.write('one', { ...READING, outcome: 'failed', read_at_ms: 9, changed_at_ms: 3 });

      expect(await readings.read('one')).toEqual({
        ...READING,
        outcome: 'failed',
        read_at_ms: 9,
        changed_at_ms: 3,
      });
      expect(await readings.read('other')).toEqual({ ...READING, model_id: 'n' });
    });
  });
};
