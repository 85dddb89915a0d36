import type { RequestStore } from '../../shared/ports/request-store.ts';
import { claimBy, finishOf, NOW_MS, queuedItem } from './request-items.ts';
import type { Subject } from './subject.ts';

export const describeRequestStore = (name: string, open: () => Promise<Subject<RequestStore>>): void => {
  describe(`${name} as request store`, () => {
    let port: RequestStore;
    let created = 0;

    beforeAll(async () => {
      port = (await open()).port;
    });

    const create = async (fields: Parameters<typeof queuedItem>[1] = {}): Promise<string> => {
      created += 1;
      const id = `req_${created}`;
      await port.create(queuedItem(id, fields));
      return id;
    };

    describe('create and read', () => {
      it('gives back what was created', async () => {
        expect(await port.create(queuedItem('req_first'))).toEqual({ kind: 'created' });
        expect(await port.read('req_first')).toEqual(queuedItem('req_first'));
      });

      it('keeps a request without a custom id', async () => {
        const id = await create({ customId: null });
        expect((await port.read(id))?.customId).toBeNull();
      });

      it('answers a second creation with the first item, untouched', async () => {
        await port.create(queuedItem('req_twice'));
        expect(await port.create(queuedItem('req_twice', { fingerprint: 'other' }))).toEqual({
          kind: 'exists',
          item: queuedItem('req_twice'),
        });
        expect((await port.read('req_twice'))?.fingerprint).toBe('fingerprint-1');
      });

      it('lets exactly one of two concurrent creations through', async () => {
        const both = await Promise.all([
          port.create(queuedItem('req_race')),
          port.create(queuedItem('req_race')),
        ]);
        expect(both.map(({ kind }) => kind).toSorted()).toEqual(['created', 'exists']);
      });

      it('reads nothing where nothing is', async () => {
        expect(await port.read('req_nowhere')).toBeUndefined();
      });
    });

    describe('claim', () => {
      it('journals the attempt of a queued request', async () => {
        const id = await create();
        const item = {
          ...queuedItem(id),
          status: 'running',
          claims: 1,
          attempts: 1,
          attemptLog: [{ epoch: 7, startedAtMs: 1_000_000 }],
          epoch: 7,
          attemptUntilMs: 1_060_000,
        };
        expect(await port.claim(id, claimBy(7))).toEqual({ kind: 'claimed', item });
        expect(await port.read(id)).toEqual(item);
      });

      it('journals where the attempt goes, and keeps that', async () => {
        const id = await create();
        await port.claim(id, claimBy(7, { target: 'second' }));
        expect((await port.read(id))?.attemptLog).toMatchObject([{ epoch: 7, target: 'second' }]);
      });

      it('counts the owner’s next attempt after a fault', async () => {
        const id = await create();
        await port.claim(id, claimBy(1));
        const again = await port.claim(id, claimBy(1, { nowMs: NOW_MS + 10, ownOutcome: 'service_fault' }));
        expect(again).toMatchObject({
          kind: 'claimed',
          item: {
            claims: 2,
            attempts: 2,
            attemptLog: [
              { epoch: 1, startedAtMs: 1_000_000, outcome: 'service_fault' },
              { epoch: 1, startedAtMs: 1_000_010 },
            ],
          },
        });
      });

      it('does not count an attempt that was throttled', async () => {
        const id = await create();
        await port.claim(id, claimBy(1));
        const again = await port.claim(id, claimBy(1, { ownOutcome: 'throttled' }));
        expect(again).toMatchObject({ kind: 'claimed', item: { claims: 2, attempts: 1 } });
      });

      it('keeps the last three attempts', async () => {
        const id = await create();
        for (const nowMs of [1, 2, 3, 4])
          await port.claim(id, claimBy(1, { nowMs, ownOutcome: 'service_fault' }));
        expect((await port.read(id))?.attemptLog.map(({ startedAtMs }) => startedAtMs)).toEqual([2, 3, 4]);
        expect((await port.read(id))?.attempts).toBe(4);
      });

      it('is busy for another owner while the attempt may live', async () => {
        const id = await create();
        await port.claim(id, claimBy(1));
        expect(await port.claim(id, claimBy(2, { liveEpochs: [1, 2] }))).toEqual({
          kind: 'busy',
          untilMs: 1_060_000,
        });
        expect((await port.read(id))?.epoch).toBe(1);
      });

      it('is busy for an earlier owner, too', async () => {
        const id = await create();
        await port.claim(id, claimBy(2));
        expect(await port.claim(id, claimBy(1, { liveEpochs: [1] }))).toEqual({
          kind: 'busy',
          untilMs: 1_060_000,
        });
      });

      it('passes to another owner once the attempt’s time is over, and calls that attempt unknown', async () => {
        const id = await create();
        await port.claim(id, claimBy(1));
        const late = await port.claim(id, claimBy(2, { nowMs: NOW_MS + 60_001, liveEpochs: [1, 2] }));
        expect(late).toMatchObject({
          kind: 'claimed',
          item: {
            epoch: 2,
            attempts: 2,
            attemptLog: [
              { epoch: 1, startedAtMs: 1_000_000, outcome: 'outcome_unknown' },
              { epoch: 2, startedAtMs: 1_060_001 },
            ],
          },
        });
      });

      it('passes to a later owner once the epoch has ended', async () => {
        const id = await create();
        await port.claim(id, claimBy(1));
        const after = await port.claim(id, claimBy(2, { liveEpochs: [2] }));
        expect(after).toMatchObject({ kind: 'claimed', item: { epoch: 2, attempts: 2 } });
      });

      it('refuses a request whose time is up', async () => {
        const id = await create({ expiresAtMs: NOW_MS });
        expect(await port.claim(id, claimBy(1))).toMatchObject({ kind: 'expired', item: { claims: 0 } });
        expect((await port.read(id))?.status).toBe('queued');
      });

      it('shows the end of a request that has ended', async () => {
        const id = await create();
        await port.claim(id, claimBy(1));
        await port.finish(finishOf(id));
        expect(await port.claim(id, claimBy(1))).toMatchObject({
          kind: 'finished',
          item: { status: 'succeeded', claims: 1 },
        });
      });

      it('tells of a request that it does not know', async () => {
        expect(await port.claim('req_unknown', claimBy(1))).toEqual({ kind: 'missing' });
        expect(await port.read('req_unknown')).toBeUndefined();
      });

      it('lets exactly one of two concurrent owners through', async () => {
        const id = await create();
        const both = await Promise.all(
          [1, 2].map((epoch) => port.claim(id, claimBy(epoch, { liveEpochs: [1, 2] }))),
        );
        expect(both.map(({ kind }) => kind).toSorted()).toEqual(['busy', 'claimed']);
        expect((await port.read(id))?.attempts).toBe(1);
      });
    });

    describe('putBack', () => {
      const record = {
        claims: 1,
        attempts: 1,
        serviceFaults: 1,
        attemptLog: [{ epoch: 1, startedAtMs: NOW_MS, outcome: 'service_fault' as const }],
      };

      it('frees a request for whoever comes next', async () => {
        const id = await create();
        await port.claim(id, claimBy(1));
        await port.putBack(id, 1, record);
        expect(await port.read(id)).toMatchObject({ status: 'queued', ...record });
        expect(await port.claim(id, claimBy(2, { liveEpochs: [1, 2] }))).toMatchObject({
          kind: 'claimed',
          item: {
            attempts: 2,
            serviceFaults: 1,
            attemptLog: [{ outcome: 'service_fault' }, { epoch: 2 }],
          },
        });
      });

      it('does nothing for anybody but the owner', async () => {
        const id = await create();
        await port.claim(id, claimBy(1));
        await port.putBack(id, 2, { claims: 1, attempts: 0, serviceFaults: 0, attemptLog: [] });
        expect(await port.read(id)).toMatchObject({ status: 'running', epoch: 1, attempts: 1 });
      });

      it('does nothing when the owner has claimed it again since', async () => {
        const id = await create();
        await port.claim(id, claimBy(1));
        await port.claim(id, claimBy(1, { ownOutcome: 'service_fault' }));
        await port.putBack(id, 1, record);
        expect(await port.read(id)).toMatchObject({ status: 'running', claims: 2, attempts: 2 });
      });

      it('does nothing to a request that has ended, nor to one that is not there', async () => {
        const id = await create();
        await port.claim(id, claimBy(1));
        await port.finish(finishOf(id));
        await port.putBack(id, 1, record);
        await port.putBack('req_not_there', 1, record);
        expect((await port.read(id))?.status).toBe('succeeded');
        expect(await port.read('req_not_there')).toBeUndefined();
      });
    });

    describe('cancel', () => {
      const cancelOf = (id: string) =>
        finishOf(id, { status: 'canceled', attempts: 0, attemptLog: [], usage: null, errorCode: 'canceled' });

      it('ends a request that waits', async () => {
        const id = await create();
        expect(await port.cancel(cancelOf(id))).toBe('canceled');
        expect(await port.read(id)).toMatchObject({ status: 'canceled', errorCode: 'canceled' });
        expect(await port.claim(id, claimBy(1))).toMatchObject({ kind: 'finished' });
      });

      it('knows its own write again', async () => {
        const id = await create();
        await port.cancel(cancelOf(id));
        expect(await port.cancel(cancelOf(id))).toBe('canceled');
      });

      it('leaves one that runs to its owner', async () => {
        const id = await create();
        await port.claim(id, claimBy(1));
        expect(await port.cancel(cancelOf(id))).toBe('running');
        expect((await port.read(id))?.status).toBe('running');
      });

      it('ends one that was put back', async () => {
        const id = await create();
        await port.claim(id, claimBy(1));
        await port.putBack(id, 1, { claims: 1, attempts: 0, serviceFaults: 0, attemptLog: [] });
        expect(await port.cancel(cancelOf(id))).toBe('canceled');
      });

      it('changes nothing of one that has ended, and knows none that is not there', async () => {
        const id = await create();
        await port.finish(finishOf(id));
        const late = { ...cancelOf(id), result: { key: 'other', offsetBytes: 0, lengthBytes: 1 } };
        expect(await port.cancel(late)).toBe('ended');
        expect((await port.read(id))?.status).toBe('succeeded');
        expect(await port.cancel(cancelOf('req_not_there'))).toBe('missing');
      });

      it('lets exactly one of a cancel and a claim through', async () => {
        const id = await create();
        const [canceled, claimed] = await Promise.all([
          port.cancel(cancelOf(id)),
          port.claim(id, claimBy(1)),
        ]);
        expect([`${canceled} ${claimed.kind}`]).toEqual([
          (await port.read(id))?.status === 'canceled' ? 'canceled finished' : 'running claimed',
        ]);
      });
    });

    describe('a request that was in flight when drains died', () => {
      const afterCrashes = async (crashes: number, suspectCrashes = 0): Promise<string> => {
        const id = await create({ crashes, suspectCrashes, claims: crashes });
        await port.claim(id, claimBy(1, { asSuspect: true }));
        return id;
      };
      const next = { nowMs: NOW_MS + 60_001, attemptUntilMs: NOW_MS + 120_000, liveEpochs: [2] };

      it('counts each crash', async () => {
        const id = await afterCrashes(0);
        const again = await port.claim(id, claimBy(2, { ...next, fallenEpochs: [1] }));
        expect(again).toMatchObject({ kind: 'claimed', item: { crashes: 1, suspectCrashes: 0 } });
        expect(await port.read(id)).toMatchObject({ crashes: 1, suspectCrashes: 0 });
      });

      it('counts none when the owner ended in order, or another was under suspicion', async () => {
        const orderly = await afterCrashes(0);
        await port.claim(orderly, claimBy(2, { ...next, fallenEpochs: [] }));
        const beside = await afterCrashes(0);
        await port.claim(beside, claimBy(2, { ...next, fallenEpochs: [1], suspects: { 1: 'req_other' } }));
        expect((await port.read(orderly))?.crashes).toBe(0);
        expect((await port.read(beside))?.crashes).toBe(0);
      });

      it('is held back after the second, and left as it is', async () => {
        const id = await afterCrashes(1);
        expect(await port.claim(id, claimBy(2, { ...next, fallenEpochs: [1] }))).toEqual({ kind: 'suspect' });
        expect(await port.read(id)).toMatchObject({ crashes: 1, epoch: 1, claims: 2 });
      });

      it('runs under suspicion, and is journalled so', async () => {
        const id = await afterCrashes(1);
        await port.claim(id, claimBy(2, { ...next, fallenEpochs: [1], asSuspect: true }));
        expect(await port.read(id)).toMatchObject({
          crashes: 2,
          attemptLog: [{}, { epoch: 2, suspect: true }],
        });
      });

      it('is condemned after the second under suspicion', async () => {
        const id = await afterCrashes(3, 1);
        const claim = claimBy(2, { ...next, fallenEpochs: [1], suspects: { 1: id }, asSuspect: true });
        expect(await port.claim(id, claim)).toMatchObject({ kind: 'condemned', item: { requestId: id } });
      });
    });

    describe('finish', () => {
      it('writes down how a request ended', async () => {
        const id = await create();
        await port.claim(id, claimBy(1));
        expect(await port.finish(finishOf(id))).toBe('finished');
        expect(await port.read(id)).toEqual({
          ...queuedItem(id),
          status: 'succeeded',
          claims: 1,
          attempts: 1,
          attemptLog: [{ epoch: 1, startedAtMs: 1_000_000, outcome: 'answered' }],
          epoch: 1,
          calledAtMs: 1_000_010,
          finishedAtMs: 1_005_000,
          result: { key: 'results/haiku/segment-1.jsonl', offsetBytes: 100, lengthBytes: 50 },
          usage: { input_tokens: 10, output_tokens: 20, cache_read_tokens: 0, cache_write_tokens: 0 },
          costUsd: 0.00012,
          ttlSeconds: 4_000_000,
        });
      });

      it('keeps a failure without usage and cost', async () => {
        const id = await create();
        await port.claim(id, claimBy(1));
        await port.finish(
          finishOf(id, { status: 'failed', usage: null, costUsd: null, errorCode: 'model_unavailable' }),
        );
        const item = await port.read(id);
        expect(item).toMatchObject({ status: 'failed', errorCode: 'model_unavailable' });
        expect(item).not.toHaveProperty('usage');
        expect(item).not.toHaveProperty('costUsd');
      });

      it('ends a request that expired before anybody claimed it', async () => {
        const id = await create();
        const expiry = finishOf(id, { status: 'expired', attempts: 0, attemptLog: [] });
        expect(await port.finish(expiry)).toBe('finished');
        expect((await port.read(id))?.status).toBe('expired');
      });

      it('lets the first finisher win', async () => {
        const id = await create();
        await port.claim(id, claimBy(1));
        await port.finish(finishOf(id));
        const other = { key: 'results/haiku/segment-2.jsonl', offsetBytes: 0, lengthBytes: 9 };
        expect(await port.finish(finishOf(id, { status: 'failed', result: other }))).toBe('already_finished');
        expect(await port.read(id)).toMatchObject({
          status: 'succeeded',
          result: { key: 'results/haiku/segment-1.jsonl' },
        });
      });

      it('keeps the journal of an owner that has claimed it since, when an earlier one ends it', async () => {
        const id = await create();
        await port.claim(id, claimBy(1));
        await port.claim(id, claimBy(2, { nowMs: NOW_MS + 60_001, liveEpochs: [1, 2] }));
        expect(await port.finish(finishOf(id, { epoch: 1 }))).toBe('finished');
        expect(await port.read(id)).toMatchObject({
          status: 'succeeded',
          attempts: 2,
          attemptLog: [{ epoch: 1 }, { epoch: 2 }],
          result: { key: 'results/haiku/segment-1.jsonl' },
        });
      });

      it('takes the attempts of its owner as that knows them', async () => {
        const id = await create();
        await port.claim(id, claimBy(1));
        await port.finish(finishOf(id, { epoch: 1, attempts: 0, attemptLog: [] }));
        expect(await port.read(id)).toMatchObject({ status: 'succeeded', attempts: 0, attemptLog: [] });
      });

      it('knows its own write again: one that was sent twice has won', async () => {
        const id = await create();
        await port.claim(id, claimBy(1));
        await port.finish(finishOf(id));
        expect(await port.finish(finishOf(id))).toBe('finished');
      });

      it('lets exactly one of two concurrent finishers win', async () => {
        const id = await create();
        await port.claim(id, claimBy(1));
        const both = await Promise.all(
          ['segment-1', 'segment-2'].map((key) =>
            port.finish(finishOf(id, { result: { key, offsetBytes: 0, lengthBytes: 9 } })),
          ),
        );
        expect(both.toSorted()).toEqual(['already_finished', 'finished']);
      });

      it('tells of a request that it does not know', async () => {
        expect(await port.finish(finishOf('req_never'))).toBe('missing');
        expect(await port.read('req_never')).toBeUndefined();
      });
    });
  });
};
