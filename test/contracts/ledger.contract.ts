import type { OwnUse } from '../../shared/ports/account-use.ts';
import type { Ledger, LedgerEntry } from '../../shared/ports/ledger.ts';
import type { Subject } from './subject.ts';

export interface LedgerSubject extends Subject<Ledger> {
  readonly ownUse: OwnUse;
  /** What the ledger holds of a pool's hour, whatever it is kept in. */
  readonly requestsBySegment: (pool: string, atMs: number) => Promise<Readonly<Record<string, number>>>;
}

const AT_MS = Date.UTC(2026, 0, 31, 12, 30);

const entryOf = (fields: Partial<LedgerEntry>): LedgerEntry => ({
  pool: 'haiku',
  segment: 'segment-1',
  atMs: AT_MS,
  requests: 3,
  outcomes: { succeeded: 2, failed: 1 },
  inputTokens: 30,
  outputTokens: 60,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costUsd: 0.0001,
  lostAttempts: 0,
  unsettled: 0,
  ...fields,
});

export const describeLedger = (name: string, open: () => Promise<LedgerSubject>): void => {
  describe(`${name} as ledger`, () => {
    let subject: LedgerSubject;

    beforeAll(async () => {
      subject = await open();
    });

    it('keeps an entry for each segment', async () => {
      await subject.port.record(entryOf({ pool: 'two', segment: 'a', requests: 1 }));
      await subject.port.record(entryOf({ pool: 'two', segment: 'b', requests: 2 }));
      expect(await subject.requestsBySegment('two', AT_MS)).toEqual({ a: 1, b: 2 });
    });

    it('takes the same segment again as no second entry', async () => {
      await subject.port.record(entryOf({ pool: 'again' }));
      await subject.port.record(entryOf({ pool: 'again' }));
      expect(await subject.requestsBySegment('again', AT_MS)).toEqual({ 'segment-1': 3 });
    });

    it('keeps pools and hours apart', async () => {
      await subject.port.record(entryOf({ pool: 'apart', segment: 'at noon' }));
      await subject.port.record(entryOf({ pool: 'apart', segment: 'later', atMs: AT_MS + 3_600_000 }));
      await subject.port.record(entryOf({ pool: 'other', segment: 'elsewhere' }));
      expect(await subject.requestsBySegment('apart', AT_MS)).toEqual({ 'at noon': 3 });
    });

    it('replaces an entry by a later one of the same segment', async () => {
      await subject.port.record(entryOf({ pool: 'more', requests: 1 }));
      await subject.port.record(entryOf({ pool: 'more', requests: 2 }));
      expect(await subject.requestsBySegment('more', AT_MS)).toEqual({ 'segment-1': 2 });
    });

    it('sums what a pool used by windows of five minutes, across hours, and of no other pool', async () => {
      const at = (minutes: number): number => AT_MS + minutes * 60_000;
      const record = (fields: Partial<LedgerEntry>) =>
        subject.port.record(entryOf({ pool: 'summed', ...fields }));
      await record({ segment: 'before', atMs: at(-1) });
      await record({ segment: 'first', atMs: at(0), inputTokens: 1, outputTokens: 2, cacheWriteTokens: 3 });
      await record({ segment: 'second', atMs: at(4), inputTokens: 10, outputTokens: 20 });
      await record({ segment: 'next hour', atMs: at(31), inputTokens: 100, outputTokens: 0 });
      await record({ segment: 'after', atMs: at(35) });
      await record({ pool: 'summed-2', segment: 'another', atMs: at(1) });

      expect(await subject.ownUse.ofPool('summed', { fromMs: at(0), toMs: at(35) })).toEqual(
        new Map([
          [at(0), { inputTokens: 11, outputTokens: 22, cacheWriteTokens: 3 }],
          [at(30), { inputTokens: 100, outputTokens: 0, cacheWriteTokens: 0 }],
        ]),
      );
    });

    it('tells whether a segment has its entry, with nothing left open', async () => {
      await subject.port.record(entryOf({ pool: 'known', segment: 'there' }));
      expect(await subject.port.isSettled('known', AT_MS, 'there')).toBe(true);
      expect(await subject.port.isSettled('known', AT_MS, 'elsewhere')).toBe(false);
      expect(await subject.port.isSettled('known', AT_MS + 3_600_000, 'there')).toBe(false);
      expect(await subject.port.isSettled('unknown', AT_MS, 'there')).toBe(false);
      await subject.port.record(entryOf({ pool: 'known', segment: 'open', unsettled: 2 }));
      expect(await subject.port.isSettled('known', AT_MS, 'open')).toBe(false);
    });

    it('takes an entry without a price', async () => {
      await subject.port.record(entryOf({ pool: 'free', costUsd: null }));
      expect(await subject.requestsBySegment('free', AT_MS)).toEqual({ 'segment-1': 3 });
    });
  });
};
