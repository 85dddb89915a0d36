import type { BatchStore } from '../../shared/ports/batch-store.ts';
import type { RequestStore } from '../../shared/ports/request-store.ts';
import type { ScanPage, ScanProgress, ScanQuestion, TableScan } from '../../shared/ports/table-scan.ts';
import type { TenantStore } from '../../shared/ports/tenant-store.ts';
import { batchItem } from './batch-items.ts';
import { claimBy, finishOf, NOW_MS, queuedItem } from './request-items.ts';
import type { Subject } from './subject.ts';

export interface ScannedStores {
  readonly scan: TableScan;
  readonly store: RequestStore;
  readonly batches: BatchStore;
  readonly tenants: TenantStore;
}

const QUESTION: ScanQuestion = {
  expiredBeforeMs: NOW_MS,
  attemptOverBeforeMs: NOW_MS,
  acceptedBeforeMs: NOW_MS,
};

/** Twenty-two characters of an id, so that ids look as they do. */
const digits = (last: string): string => last.padStart(26, '0');
const requestId = (last: string): string => `req_${digits(last)}`;
const batchId = (last: string): string => `bat_${digits(last)}`;

/** Others may have left something in the same table. */
const ours = (ids: readonly string[]): readonly string[] =>
  ids.filter((id) => id.includes('000000000') || id.startsWith('tenant#scanned#')).toSorted();

export const describeTableScan = (name: string, open: () => Promise<Subject<ScannedStores>>): void => {
  describe(`${name} as scan of the table`, () => {
    let stores: ScannedStores;

    beforeAll(async () => {
      stores = (await open()).port;
    });

    const scanAll = async (): Promise<readonly ScanPage[]> => {
      const pages: ScanPage[] = [];
      let after: string | undefined;
      do {
        const page = await stores.scan.page(after, QUESTION);
        pages.push(page);
        after = page.next;
      } while (after !== undefined);
      return pages;
    };

    const foundIn = async () => {
      const pages = await scanAll();
      return {
        requests: ours(pages.flatMap(({ requests }) => requests.map((item) => item.requestId))),
        batches: ours(pages.flatMap(({ batches }) => batches.map((batch) => batch.batchId))),
        tenants: ours(pages.flatMap(({ tenants }) => tenants.map(({ key, waiting }) => `${key} ${waiting}`))),
      };
    };

    it('hands out requests that have not ended past their deadline, and those that run past their attempt', async () => {
      const { store } = stores;
      const create = (last: string, expiresAtMs: number) =>
        store.create(queuedItem(requestId(last), { expiresAtMs }));
      await create('1', NOW_MS - 1);
      await create('2', NOW_MS + 1);
      await create('3', NOW_MS + 1);
      await store.claim(requestId('3'), claimBy(1, { nowMs: NOW_MS - 9, attemptUntilMs: NOW_MS - 1 }));
      await create('4', NOW_MS + 1);
      await store.claim(requestId('4'), claimBy(1, { nowMs: NOW_MS - 9, attemptUntilMs: NOW_MS + 1 }));
      await create('5', NOW_MS - 1);
      await store.finish(finishOf(requestId('5')));

      expect((await foundIn()).requests).toEqual([requestId('1'), requestId('3')]);
      const items = (await scanAll()).flatMap(({ requests }) => requests);
      expect(items).toContainEqual(await store.read(requestId('1')));
      expect(items).toContainEqual(await store.read(requestId('3')));
    });

    it('hands out batches that are not over long after they were accepted', async () => {
      const { batches } = stores;
      const create = (last: string, fields: Parameters<typeof batchItem>[1]) =>
        batches.create(batchItem(batchId(last), { acceptedAtMs: NOW_MS - 1, ...fields }));
      await create('1', {});
      await create('2', { acceptedAtMs: NOW_MS + 1 });
      await create('3', { status: 'ended' });
      await create('4', { status: 'canceling' });
      await create('5', { status: 'validating' });
      await create('6', { status: 'awaiting_upload' });

      expect((await foundIn()).batches).toEqual([batchId('1'), batchId('4'), batchId('5')]);
      expect((await scanAll()).flatMap(({ batches: found }) => found)).toContainEqual(
        await batches.read(batchId('4')),
      );
    });

    it('hands out tenants with a count other than zero', async () => {
      const { tenants } = stores;
      await tenants.addWaiting('scanned', 'above', 3);
      await tenants.addWaiting('scanned', 'below', -2);
      await tenants.addWaiting('scanned', 'none', 1);
      await tenants.setRight('scanned', 'none');

      expect((await foundIn()).tenants).toEqual(['tenant#scanned#above 3', 'tenant#scanned#below -2']);
    });

    it('keeps how far it got, for whoever saw what was kept before', async () => {
      const { scan } = stores;
      const first: ScanProgress = {
        version: 1,
        startedAtMs: 5,
        after: 'req_7',
        isDone: false,
        doubted: { 'tenant#haiku#a': -3 },
        doubtedAtMs: 4,
      };
      const { after: _, ...second } = { ...first, version: 2, isDone: true };
      expect(await scan.readProgress()).toBeUndefined();
      expect(await scan.saveProgress(first, undefined)).toBe(true);
      expect(await scan.readProgress()).toEqual(first);
      expect(await scan.saveProgress(second, undefined)).toBe(false);
      expect(await scan.saveProgress(second, first)).toBe(true);
      expect(await scan.saveProgress(first, first)).toBe(false);
      expect(await scan.readProgress()).toEqual(second);
    });
  });
};
