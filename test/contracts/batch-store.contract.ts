import { createProblem } from '../../shared/contract/problem.ts';
import type { BatchStore } from '../../shared/ports/batch-store.ts';
import { createNumbered } from '../fakes/sequences.ts';
import { batchItem, endedMember, TOTAL } from './batch-items.ts';
import type { Subject } from './subject.ts';

const TTL_SECONDS = 4_000_000_000;

export const describeBatchStore = (name: string, open: () => Promise<Subject<BatchStore>>): void => {
  describe(`${name} as batch store`, () => {
    const nextId = createNumbered('bat_');
    let port: BatchStore;

    beforeAll(async () => {
      port = (await open()).port;
    });

    const created = async (fields: Parameters<typeof batchItem>[1] = {}): Promise<string> => {
      const id = nextId();
      await port.create(batchItem(id, fields));
      return id;
    };

    describe('create and read', () => {
      it('gives back what was created', async () => {
        expect(await port.create(batchItem('bat_first'))).toEqual({ kind: 'created' });
        expect(await port.read('bat_first')).toEqual(batchItem('bat_first'));
      });

      it('keeps how large its upload is to be', async () => {
        const id = await created({ status: 'awaiting_upload', announcedBytes: 1000 });
        expect(await port.read(id)).toMatchObject({ announcedBytes: 1000 });
      });

      it('keeps a batch that has little to tell', async () => {
        const id = await created({ customId: null, defaults: {}, metadata: {}, ttlSeconds: TTL_SECONDS });
        expect(await port.read(id)).toEqual(
          batchItem(id, { customId: null, defaults: {}, metadata: {}, ttlSeconds: TTL_SECONDS }),
        );
      });

      it('answers a second creation with the first batch, untouched', async () => {
        const id = await created();
        expect(await port.create(batchItem(id, { fingerprint: 'other' }))).toEqual({
          kind: 'exists',
          batch: batchItem(id),
        });
      });

      it('reads nothing where nothing is', async () => {
        expect(await port.read('bat_nowhere')).toBeUndefined();
      });
    });

    describe('change', () => {
      it('writes what it is given and leaves the rest', async () => {
        const id = await created({ status: 'validating', total: 0, ttlSeconds: TTL_SECONDS });
        const problem = createProblem('invalid_request');
        const changed = await port.change(id, ['awaiting_upload', 'validating'], {
          status: 'failed',
          problem,
          endedAtMs: 1_500_000,
          ttlSeconds: TTL_SECONDS + 1,
        });
        const expected = batchItem(id, {
          status: 'failed',
          total: 0,
          problem,
          endedAtMs: 1_500_000,
          ttlSeconds: TTL_SECONDS + 1,
        });
        expect(changed).toEqual(expected);
        expect(await port.read(id)).toEqual(expected);
      });

      it('takes a removal back', async () => {
        const id = await created({ status: 'validating', ttlSeconds: TTL_SECONDS });
        await port.change(id, ['validating'], { status: 'in_progress', ttlSeconds: null });
        expect(await port.read(id)).toEqual(batchItem(id));
      });

      it('does nothing in any other status, nor to a batch that is not there', async () => {
        const id = await created();
        expect(await port.change(id, ['validating'], { status: 'failed' })).toBeUndefined();
        expect(await port.change('bat_nowhere', ['in_progress'], { status: 'ended' })).toBeUndefined();
        expect(await port.read(id)).toEqual(batchItem(id));
        expect(await port.read('bat_nowhere')).toBeUndefined();
      });

      it('moves a cursor forward, and never back', async () => {
        const id = await created();
        const further = { offsetBytes: 80, line: 3, index: 2 };
        expect(await port.change(id, ['in_progress'], { cursor: further })).toMatchObject({
          cursor: further,
        });
        expect(
          await port.change(id, ['in_progress'], { cursor: { offsetBytes: 40, line: 2, index: 1 } }),
        ).toBeUndefined();
        expect((await port.read(id))?.cursor).toEqual(further);
      });
    });

    describe('count', () => {
      it('puts the end of a reopened member in the place of the one before, once', async () => {
        const id = await created();
        const died = endedMember(id, 2, { status: 'failed', usage: null, costUsd: null });
        const again = endedMember(id, 2, { generation: 1 });
        for (const member of [died, again, died, again])
          await port.count({ batchId: id, tally: 0 }, [member], TTL_SECONDS);
        const [tally] = await port.tallies(id, 1);
        expect(tally?.ended).toEqual({ succeeded: 1, failed: 0, canceled: 0, expired: 0 });
      });

      it('adds up how members ended, what they used and what that cost', async () => {
        const id = await created();
        const tally = await port.count(
          { batchId: id, tally: 0 },
          [
            endedMember(id, 0),
            endedMember(id, 3999),
            endedMember(id, 5, { status: 'failed', usage: null, costUsd: null }),
            endedMember(id, 6, { costUsd: null }),
          ],
          TTL_SECONDS,
        );
        expect(tally).toMatchObject({
          ended: { succeeded: 3, failed: 1, canceled: 0, expired: 0 },
          usage: { input_tokens: 30, output_tokens: 6, cache_read_tokens: 3, cache_write_tokens: 9 },
          costUsd: 1,
          unpriced: 1,
        });
        expect(tally.counted).toHaveLength(500);
        expect(await port.tallies(id, 3)).toEqual([tally]);
      });

      it('counts nobody twice, not even one that is told to have ended otherwise', async () => {
        const id = await created();
        const address = { batchId: id, tally: 0 };
        await port.count(address, [endedMember(id, 1), endedMember(id, 2)], TTL_SECONDS);
        const again = [
          endedMember(id, 2, { status: 'failed' }),
          endedMember(id, 3, { status: 'expired', usage: null, costUsd: null }),
          endedMember(id, 3),
        ];
        expect(await port.count(address, again, TTL_SECONDS)).toMatchObject({
          ended: { succeeded: 2, failed: 0, canceled: 0, expired: 1 },
          costUsd: 1,
        });
        expect(await port.count(address, again, TTL_SECONDS)).toMatchObject({
          ended: { succeeded: 2, failed: 0, canceled: 0, expired: 1 },
        });
      });

      it('loses nothing and doubles nothing when many count at once', async () => {
        const id = await created();
        const flushes = Array.from({ length: 8 }, (_, flush) =>
          Array.from({ length: 10 }, (__, place) => endedMember(id, flush * 5 + place)),
        );
        await Promise.all(
          flushes.map((members) => port.count({ batchId: id, tally: 0 }, members, TTL_SECONDS)),
        );
        expect(await port.tallies(id, 1)).toMatchObject([{ ended: { succeeded: 45 }, costUsd: 22.5 }]);
      });

      it('keeps the stretches of a batch, and the batches, apart', async () => {
        const [one, other] = [await created(), await created()];
        await port.count({ batchId: one, tally: 0 }, [endedMember(one, 7)], TTL_SECONDS);
        await port.count({ batchId: one, tally: 2 }, [endedMember(one, TOTAL - 1)], TTL_SECONDS);
        await port.count({ batchId: other, tally: 1 }, [endedMember(other, 4007)], TTL_SECONDS);
        const sizes = (await port.tallies(one, 3)).map(({ counted }) => counted.length);
        expect(sizes.toSorted((a, b) => a - b)).toEqual([125, 500]);
        expect(await port.tallies(one, 2)).toHaveLength(1);
        expect(await port.tallies(other, 3)).toHaveLength(1);
        expect((await port.tally({ batchId: one, tally: 2 }))?.counted).toHaveLength(125);
        expect(await port.tally({ batchId: one, tally: 1 })).toBeUndefined();
      });
    });
  });
};
