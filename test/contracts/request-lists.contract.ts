import type { BatchStore } from '../../shared/ports/batch-store.ts';
import type { RequestLists } from '../../shared/ports/request-lists.ts';
import type { RequestStore } from '../../shared/ports/request-store.ts';
import { batchItem, endedMember } from './batch-items.ts';
import { claimBy, finishOf, NOW_MS, queuedItem } from './request-items.ts';
import type { Subject } from './subject.ts';

export interface Listed {
  readonly store: RequestStore;
  readonly batches: BatchStore;
  readonly lists: RequestLists;
}

export const describeRequestLists = (name: string, open: () => Promise<Subject<Listed>>): void => {
  describe(`${name} as lists of requests`, () => {
    let port: Listed;
    let tenants = 0;
    let tenant = '';

    beforeAll(async () => {
      port = (await open()).port;
    });

    beforeEach(() => {
      tenants += 1;
      tenant = `listed-${tenants}`;
    });

    const create = (id: string, acceptedAtMs: number, customId: string | null = null) =>
      port.store.create(queuedItem(`${tenant}-${id}`, { tenant, acceptedAtMs, customId }));

    const end = async (id: string, status: 'failed' | 'expired' | 'succeeded' | 'canceled', atMs: number) => {
      await create(id, NOW_MS);
      await port.store.claim(`${tenant}-${id}`, claimBy(1));
      await port.store.finish({ ...finishOf(`${tenant}-${id}`), status, finishedAtMs: atMs });
    };

    const idsOf = async (question: Omit<Parameters<RequestLists['page']>[0], 'tenant' | 'limit'>) => {
      const { entries } = await port.lists.page({ tenant, limit: 100, ...question });
      return entries.map(({ requestId }) => requestId.replace(`${tenant}-`, ''));
    };

    it('holds everything of a tenant, newest first', async () => {
      await create('b', NOW_MS + 2);
      await create('a', NOW_MS + 1);
      await create('c', NOW_MS + 3);
      expect(await idsOf({ list: { by: 'tenant' } })).toEqual(['c', 'b', 'a']);
    });

    it('holds of what has ended only what failed or expired, by when it ended', async () => {
      await create('waits', NOW_MS);
      await end('failed', 'failed', NOW_MS + 10);
      await end('expired', 'expired', NOW_MS + 30);
      await end('canceled', 'canceled', NOW_MS + 20);
      await end('succeeded', 'succeeded', NOW_MS + 20);
      expect(await idsOf({ list: { by: 'attention' } })).toEqual(['expired', 'failed']);
    });

    it('holds what failed or expired without ever being claimed, such as in a batch', async () => {
      for (const [id, status] of [
        ['failed', 'failed'],
        ['expired', 'expired'],
        ['canceled', 'canceled'],
      ] as const) {
        await create(id, NOW_MS);
        const { epoch: _, ...end } = finishOf(`${tenant}-${id}`);
        expect(await port.store.cancel({ ...end, status, finishedAtMs: NOW_MS + 10 })).toBe('canceled');
      }
      expect((await idsOf({ list: { by: 'attention' } })).toSorted()).toEqual(['expired', 'failed']);
    });

    it('finds every request of a custom id, but nobody else’s', async () => {
      await create('a', NOW_MS + 1, 'order-1');
      await create('b', NOW_MS + 2, 'order-2');
      await create('c', NOW_MS + 3, 'order-1');
      expect(await idsOf({ list: { by: 'custom_id', customId: 'order-1' } })).toEqual(['c', 'a']);
      const other = await port.lists.page({
        tenant: 'somebody-else',
        limit: 10,
        list: { by: 'custom_id', customId: 'order-1' },
      });
      expect(other).toEqual({ entries: [], next: undefined });
    });

    it('holds the batches of a tenant, newest first, and no requests', async () => {
      await create('a', NOW_MS);
      for (const index of [2, 1, 3])
        await port.batches.create(
          batchItem(`${tenant}-b-${index}`, { tenant, createdAtMs: NOW_MS + index, status: 'ended' }),
        );
      await port.batches.create(batchItem(`${tenant}-foreign`, { tenant: 'somebody-else' }));
      await port.batches.count({ batchId: `${tenant}-b-1`, tally: 0 }, [endedMember(`${tenant}-b-1`, 0)], 9);
      expect(await idsOf({ list: { by: 'batches' } })).toEqual(['b-3', 'b-2', 'b-1']);
    });

    it('goes on after a page, each request once', async () => {
      for (const index of [1, 2, 3, 4, 5]) await create(`p-${index}`, NOW_MS + (index === 4 ? 3 : index));
      const seen: string[] = [];
      let after: { requestId: string; atMs: number } | undefined;
      do {
        const page = await port.lists.page({
          tenant,
          limit: 2,
          list: { by: 'tenant' },
          ...(after === undefined ? {} : { after }),
        });
        seen.push(...page.entries.map(({ requestId }) => requestId));
        after = page.next;
      } while (after !== undefined);
      expect(seen.map((id) => id.slice(-1)).toSorted()).toEqual(['1', '2', '3', '4', '5']);
      expect(seen[0]).toBe(`${tenant}-p-5`);
    });

    it('goes on in the own list only, whoever’s position is given', async () => {
      await create('mine', NOW_MS + 1);
      const page = await port.lists.page({
        tenant,
        limit: 10,
        list: { by: 'tenant' },
        after: { requestId: 'listed-1-c', atMs: NOW_MS + 3 },
      });
      expect(page.entries.map(({ requestId }) => requestId)).toEqual([`${tenant}-mine`]);
    });
  });
};
