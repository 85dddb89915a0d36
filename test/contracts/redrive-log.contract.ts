import type { RedriveRecord } from '../../shared/contract/redrive.ts';
import type { RedriveLog } from '../../shared/ports/redrive-log.ts';
import type { Subject } from './subject.ts';

const recordOf = (id: string, fields: Partial<RedriveRecord> = {}): RedriveRecord => ({
  redrive_id: `rdv_${id}`,
  at: '2026-01-31T12:00:00.000Z',
  by: 'anybody',
  why: 'it is mended',
  filter: { reason: 'model_unavailable' },
  request_ids: [],
  set: { max_tokens: 10 },
  looked_at: 0,
  matched: 0,
  reopened: 0,
  sent_again: 0,
  faulty: 0,
  is_over: false,
  ...fields,
});

export const describeRedriveLog = (name: string, open: () => Promise<Subject<RedriveLog>>): void => {
  describe(`${name} as the list of redrives`, () => {
    it('keeps each once, latest first, page by page', async () => {
      const { port } = await open();
      for (const id of ['a', 'b', 'c']) await port.keep(recordOf(id));
      await port.keep(recordOf('b', { reopened: 7, is_over: true }));
      expect(await port.list(undefined, 2)).toEqual([
        recordOf('c'),
        recordOf('b', { reopened: 7, is_over: true }),
      ]);
      expect(await port.list('rdv_b', 2)).toEqual([recordOf('a')]);
    });
  });
};
