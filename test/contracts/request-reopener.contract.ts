import type { RequestItem } from '../../shared/contract/request-item.ts';
import type { DeadLetterIndex } from '../../shared/ports/dead-letter-index.ts';
import type { RequestReopener } from '../../shared/ports/request-reopener.ts';
import type { Finish, RequestStore } from '../../shared/ports/request-store.ts';
import { claimBy, finishOf, NOW_MS, queuedItem } from './request-items.ts';
import type { Subject } from './subject.ts';

export interface ReopenerSubject {
  readonly store: RequestStore;
  readonly reopener: RequestReopener;
  readonly index: DeadLetterIndex;
}

const RESULT = { key: 'results/haiku/dead.jsonl', offsetBytes: 0, lengthBytes: 10 };

const deathOf = (id: string, fields: Partial<Finish> = {}): Finish =>
  finishOf(id, {
    status: 'failed',
    epoch: 1,
    attemptLog: [{ epoch: 1, startedAtMs: NOW_MS, outcome: 'service_fault' }],
    result: RESULT,
    usage: null,
    costUsd: null,
    errorCode: 'model_unavailable',
    deadLetterPool: 'haiku',
    ...fields,
  });

const reopeningOf = (seen: RequestItem, textId = '1-a') => ({
  seen,
  pool: 'haiku',
  priority: 'high' as const,
  expiresAtMs: NOW_MS + 9_000_000,
  atMs: NOW_MS + 60_000,
  textId,
});

export const describeRequestReopener = (
  name: string,
  open: () => Promise<Subject<ReopenerSubject>>,
): void => {
  describe(`${name} as what reopens requests`, () => {
    let port: ReopenerSubject;
    let created = 0;

    beforeAll(async () => {
      port = (await open()).port;
    });

    const die = async (fields: Partial<Finish> = {}): Promise<RequestItem> => {
      created += 1;
      const id = `req_reopened_${created}`;
      await port.store.create(queuedItem(id));
      await port.store.claim(id, claimBy(1));
      await port.store.finish(deathOf(id, fields));
      const item = await port.store.read(id);
      if (item === undefined) throw new Error(`There is no ${id}.`);
      return item;
    };

    const listed = async (id: string, pool = 'haiku'): Promise<boolean> => {
      const { entries } = await port.index.page({ pool, limit: 100 });
      return entries.some(({ requestId }) => requestId === id);
    };

    it('opens the next generation, and keeps how the one before ended', async () => {
      const seen = await die();
      const reopened = {
        ...queuedItem(seen.requestId),
        priority: 'high',
        expiresAtMs: NOW_MS + 9_000_000,
        claims: 2,
        generation: 1,
        reopenedAtMs: NOW_MS + 60_000,
        textId: '1-a',
        earlier: [
          {
            generation: 0,
            errorCode: 'model_unavailable',
            finishedAtMs: NOW_MS + 5000,
            attempts: 1,
            attemptLog: [{ epoch: 1, startedAtMs: NOW_MS, outcome: 'service_fault' }],
            result: RESULT,
          },
        ],
      };
      expect(await port.reopener.reopen(reopeningOf(seen))).toEqual(reopened);
      expect(await port.store.read(seen.requestId)).toEqual(reopened);
    });

    it('lets one of two through, and tells the one that won so again', async () => {
      const seen = await die();
      const both = await Promise.all([
        port.reopener.reopen(reopeningOf(seen, '1-a')),
        port.reopener.reopen(reopeningOf(seen, '1-b')),
      ]);
      const won = both.filter((item) => item !== undefined);
      expect(won).toHaveLength(1);
      const textId = won[0]?.textId ?? '';
      expect((await port.reopener.reopen(reopeningOf(seen, textId)))?.generation).toBe(1);
      expect((await port.store.read(seen.requestId))?.generation).toBe(1);
    });

    it('leaves what has been reopened and has died again since it was seen', async () => {
      const seen = await die();
      const id = seen.requestId;
      await port.reopener.reopen(reopeningOf(seen, '1-a'));
      const again = { generation: 1, epoch: 2, result: { ...RESULT, key: 'results/haiku/second.jsonl' } };
      await port.store.claim(id, claimBy(2, { generation: 1 }));
      await port.store.finish(deathOf(id, again));
      expect(await port.reopener.reopen(reopeningOf(seen, '1-b'))).toBeUndefined();
      expect(await port.store.read(id)).toMatchObject({ status: 'failed', generation: 1, textId: '1-a' });
    });

    it('leaves what did not fail', async () => {
      const answered = await die({ status: 'succeeded', errorCode: undefined, deadLetterPool: undefined });
      expect(await port.reopener.reopen(reopeningOf(answered))).toBeUndefined();
      expect((await port.store.read(answered.requestId))?.status).toBe('succeeded');
    });

    it('begins what ended drains under suspicion', async () => {
      const seen = await die({ errorCode: 'crashed_drain' });
      expect(await port.reopener.reopen(reopeningOf(seen))).toMatchObject({ crashes: 2, suspectCrashes: 0 });
    });

    it('is claimed by messages of its own generation only', async () => {
      const seen = await die();
      await port.reopener.reopen(reopeningOf(seen));
      const id = seen.requestId;
      expect(await port.store.claim(id, claimBy(2))).toEqual({ kind: 'superseded' });
      expect(await port.store.claim(id, claimBy(2, { generation: 1 }))).toMatchObject({
        kind: 'claimed',
        item: { claims: 3, attempts: 1, generation: 1, attemptLog: [{ epoch: 2 }] },
      });
      expect(await port.store.claim(id, claimBy(3))).toEqual({ kind: 'superseded' });
    });

    it('is not ended by an answer of its life before', async () => {
      const seen = await die();
      await port.reopener.reopen(reopeningOf(seen));
      const late = finishOf(seen.requestId, { result: { ...RESULT, key: 'results/haiku/late.jsonl' } });
      expect(await port.store.finish(late)).toBe('superseded');
      expect((await port.store.read(seen.requestId))?.status).toBe('queued');
      expect(await port.store.cancel({ ...late, status: 'canceled' })).toBe('running');
      // That it had ended so is still true.
      expect(await port.store.finish(deathOf(seen.requestId))).toBe('finished');
    });

    it('ends anew, and may die again', async () => {
      const seen = await die();
      const id = seen.requestId;
      await port.reopener.reopen(reopeningOf(seen));
      await port.store.claim(id, claimBy(2, { generation: 1 }));
      const again = { generation: 1, epoch: 2, result: { ...RESULT, key: 'results/haiku/again.jsonl' } };
      expect(await port.store.finish(deathOf(id, again))).toBe('finished');
      const dead = await port.store.read(id);
      expect(dead).toMatchObject({ status: 'failed', generation: 1, result: { key: again.result.key } });
      if (dead === undefined) throw new Error('It is gone.');
      expect(await port.reopener.reopen(reopeningOf(dead, '2-a'))).toMatchObject({
        generation: 2,
        earlier: [{ generation: 0 }, { generation: 1 }],
      });
    });

    it('keeps the last three ends', async () => {
      let seen = await die();
      for (const generation of [1, 2, 3, 4]) {
        const reopened = await port.reopener.reopen(reopeningOf(seen, `${generation}-a`));
        await port.store.finish(
          deathOf(seen.requestId, {
            generation,
            result: { ...RESULT, key: `results/haiku/${generation}.jsonl` },
          }),
        );
        seen = (await port.store.read(seen.requestId)) ?? seen;
        expect(reopened?.generation).toBe(generation);
      }
      expect(seen.earlier?.map(({ generation }) => generation)).toEqual([1, 2, 3]);
    });

    it('is listed from its death until its next end', async () => {
      const seen = await die();
      const id = seen.requestId;
      expect(await listed(id)).toBe(true);
      await port.reopener.reopen(reopeningOf(seen));
      expect(await listed(id)).toBe(true);
      const answer = { key: 'results/haiku/answer.jsonl', offsetBytes: 0, lengthBytes: 1 };
      await port.store.finish(finishOf(id, { generation: 1, result: answer }));
      expect(await listed(id)).toBe(false);
      expect(await listed(id, 'sonnet')).toBe(false);
    });

    it('lists the last to die first, page by page', async () => {
      const early = await die({ finishedAtMs: NOW_MS + 10_000_000 });
      const late = await die({ finishedAtMs: NOW_MS + 20_000_000 });
      const first = await port.index.page({ pool: 'haiku', limit: 1 });
      expect(first.entries).toEqual([{ requestId: late.requestId, atMs: NOW_MS + 20_000_000 }]);
      const second = await port.index.page({ pool: 'haiku', limit: 1, after: first.next });
      expect(second.entries).toEqual([{ requestId: early.requestId, atMs: NOW_MS + 10_000_000 }]);
    });
  });
};
