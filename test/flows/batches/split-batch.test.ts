import { toBatchView } from '../../../shared/core/batch-view.ts';
import { createCancelBatch } from '../../../shared/flows/batches/cancel-batch.ts';
import { createReadBatch } from '../../../shared/flows/batches/read-batch.ts';
import { type Around, chain, nameOf, recordInto } from '../../fakes/interpose.ts';
import { createSimulatedProcess } from '../../fakes/simulated-process.ts';
import { settled } from '../../fakes/virtual-clock.ts';
import { acceptDepsOf, createWorld, type World } from '../../fakes/world.ts';
import { notifications } from '../drain/drains.ts';
import { heldIn, NORMAL_LANE } from '../submissions.ts';
import { acceptedBatch, heldIds, linesOf, memberId, split, splitAll, startedUpload } from './batches.ts';

const requests = (count: number): readonly object[] =>
  Array.from({ length: count }, (_, index) => ({ prompt: `p${index}`, custom_id: `c${index}` }));

describe('split-batch', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld();
  });

  const viewOf = async (batchId: string) => {
    const reading = await createReadBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
    if (reading.kind !== 'found') throw new Error(reading.kind);
    return toBatchView(reading.batch, reading.tallies);
  };

  const idsOf = (batchId: string, count: number): readonly string[] =>
    Array.from({ length: count }, (_, index) => memberId(batchId, index)).toSorted();

  const expectEachHeldOnce = (batchId: string, count: number): void => {
    expect(
      world.requests
        .all()
        .map(({ requestId }) => requestId)
        .toSorted(),
    ).toEqual(idsOf(batchId, count));
    expect([...new Set(heldIds(world))].toSorted()).toEqual(idsOf(batchId, count));
  };

  describe('of a batch that came inline', () => {
    it('holds each request once, as the doors would, with its place in the batch', async () => {
      const batch = await acceptedBatch(world, { requests: requests(3), priority: 'high' });
      await world.clock.advance(60_000);
      expect(await world.clock.run(split(world))).toBe('done');
      expectEachHeldOnce(batch.batchId, 3);
      expect(world.queues.bodies('hold-haiku-high-express')).toHaveLength(3);
      expect(await world.requests.read(memberId(batch.batchId, 2))).toMatchObject({
        customId: 'c2',
        priority: 'high',
        batch: { id: batch.batchId, index: 2, total: 3 },
        acceptedAtMs: batch.acceptedAtMs,
        expiresAtMs: batch.expiresAtMs,
      });
      expect(world.queues.bodies('batches')).toEqual([]);
    });

    it('ends as expired what expired before it came to it: it was promised an end', async () => {
      const { batchId } = await acceptedBatch(world, {
        requests: [{ prompt: 'x', deadline: '2026-01-31T12:00:10Z' }],
      });
      await world.clock.advance(60_000);
      await world.clock.run(split(world));
      expect(heldIds(world)).toEqual([]);
      expect(await viewOf(batchId)).toMatchObject({ status: 'ended', counts: { total: 1, expired: 1 } });
    });

    it('holds what expired before it came to it, while others of its batch have not', async () => {
      const { batchId } = await acceptedBatch(world, {
        requests: [{ prompt: 'x', deadline: '2026-01-31T12:00:10Z' }, { prompt: 'y' }],
      });
      await world.clock.advance(60_000);
      await world.clock.run(split(world));
      expectEachHeldOnce(batchId, 2);
    });

    it('saves its cursor after each chunk, and moves nothing twice', async () => {
      await acceptedBatch(world, { requests: requests(12) });
      const cursors: unknown[] = [];
      const around: Around = (effect, perform) => {
        if (nameOf(effect) === 'batches.change') cursors.push(effect.args[2]);
        return perform();
      };
      await world.clock.run(split(world, { around }));
      expect(cursors).toMatchObject([
        { cursor: { index: 5, line: 5 } },
        { cursor: { index: 10, line: 10 } },
        { cursor: { index: 12, line: 12, offsetBytes: world.batches.all()[0]?.input.sizeBytes } },
      ]);
      expect(heldIds(world)).toHaveLength(12);
    });

    it('does nothing the second time', async () => {
      const { batchId } = await acceptedBatch(world, { requests: requests(3) });
      world.queues.duplicate('batches');
      await splitAll(world);
      expect(heldIds(world)).toHaveLength(3);
      expectEachHeldOnce(batchId, 3);
    });

    it('lets its message go for a batch that is over or was never there', async () => {
      await world.queues.send('batches', [{ body: '{"batch_id":"bat_never"}' }]);
      expect(await world.clock.run(split(world))).toBe('done');
    });
  });

  describe('of an upload', () => {
    it('accepts it when every line is sound, and skips blank ones', async () => {
      const batch = await startedUpload(world, `\n${linesOf(2)}  \r\n{"prompt":"last"}`, { priority: 'low' });
      await splitAll(world);
      expectEachHeldOnce(batch.batchId, 3);
      expect(await viewOf(batch.batchId)).toMatchObject({
        status: 'in_progress',
        counts: { total: 3, processing: 3 },
        error: null,
      });
      expect(world.batches.all()[0]).not.toHaveProperty('ttlSeconds');
    });

    it('accepts nothing when one line is not, and names them all by line', async () => {
      const lines = [
        '{"prompt":"fine","custom_id":"a"}',
        '',
        'not json',
        '{"prompt":"x","custom_id":"a"}',
        '{"prompt":"x","max_tokens":0}',
        '["x"]',
        Buffer.from([0x22, 0xff, 0x22]).toString('latin1'),
      ];
      const bytes = Buffer.from(lines.join('\n'), 'latin1').toString('latin1');
      const { batchId } = await startedUpload(world, '');
      await world.objects.put(
        `uploads/${batchId}.jsonl`,
        Buffer.from(bytes, 'latin1'),
        'application/x-ndjson',
      );
      await splitAll(world);
      expect(await viewOf(batchId)).toMatchObject({
        status: 'failed',
        counts: { total: 0, processing: 0 },
        results: null,
        error: {
          code: 'invalid_request',
          detail: '5 faults in 5 of 6 requests; nothing was accepted.',
          errors: [
            { line: 3, pointer: '', code: 'unreadable_line' },
            {
              line: 4,
              pointer: '/custom_id',
              code: 'duplicate_custom_id',
              detail: '`a` is also that of line 1',
            },
            { line: 5, pointer: '/max_tokens', code: 'out_of_range' },
            { line: 6, pointer: '', code: 'invalid_type' },
            { line: 7, pointer: '', code: 'unreadable_line', detail: 'is not valid UTF-8' },
          ],
        },
      });
      expect(world.requests.all()).toEqual([]);
      expect(world.batches.all()[0]?.ttlSeconds).toBeGreaterThan(0);
    });

    it.each([
      ['is empty', '', 'required'],
      ['holds nothing but blank lines', '\n \n', 'required'],
    ])('fails when it %s', async (_, text, code) => {
      const { batchId } = await startedUpload(world, text);
      await splitAll(world);
      expect(await viewOf(batchId)).toMatchObject({ status: 'failed', error: { errors: [{ code }] } });
    });

    it('fails when it was taken away before it was read', async () => {
      const { batchId } = await startedUpload(world, linesOf(1));
      world.objects.forget(`uploads/${batchId}.jsonl`);
      await splitAll(world);
      expect(await viewOf(batchId)).toMatchObject({ status: 'failed', error: { code: 'upload_missing' } });
    });

    it('reads lines that lie across the borders of what is read at once', async () => {
      const text = 'ü🚦'.repeat(150_000);
      await startedUpload(world, linesOf(12, { prompt: text }));
      const ranges: unknown[] = [];
      const around: Around = (effect, perform) => {
        if (nameOf(effect) === 'objects.get') ranges.push(effect.args[1]);
        return perform();
      };
      await world.clock.run(split(world, { around }));
      expect(world.requests.all()).toHaveLength(12);
      const last = heldIn(world, NORMAL_LANE).find(({ batch }) => batch?.index === 11);
      expect(last?.converse?.messages[0]?.content[0]?.text === text).toBe(true);
      const largest = Math.max(...ranges.map((range) => (range as { lengthBytes: number }).lengthBytes));
      expect(largest).toBe(4_194_304);
    });

    it('refuses a line that is too long without keeping it', async () => {
      const { batchId } = await startedUpload(world, `{"prompt":"${'x'.repeat(9_000_000)}"}\n${linesOf(1)}`);
      await splitAll(world);
      expect(await viewOf(batchId)).toMatchObject({
        error: {
          errors: [{ line: 1, code: 'unreadable_line', detail: 'must be at most 4194304 bytes long' }],
        },
      });
    });

    it('goes by what was uploaded when it began, whatever is written over it', async () => {
      const { batchId } = await startedUpload(world, linesOf(12));
      const around: Around = async (effect, perform) => {
        const done = await perform();
        if (nameOf(effect) === 'objects.copy')
          await world.objects.put(`uploads/${batchId}.jsonl`, Buffer.from('{}'), 'application/x-ndjson');
        return done;
      };
      await world.clock.run(split(world, { around }));
      expectEachHeldOnce(batchId, 12);
    });
  });

  describe('of an upload that two deliveries check at once', () => {
    /** The first is slow: by the time it reads, the other has accepted the batch, and its upload was written over. */
    const acceptedMeanwhile = async (later: string): Promise<string> => {
      const { batchId } = await startedUpload(world, linesOf(12));
      world.queues.duplicate('batches');
      let isFirst = true;
      const slow: Around = async (effect, perform) => {
        if (nameOf(effect) === 'objects.copy' && isFirst) {
          isFirst = false;
          expect(await world.clock.run(split(world))).toBe('done');
          await world.objects.put(`uploads/${batchId}.jsonl`, Buffer.from(later), 'application/x-ndjson');
        }
        return perform();
      };
      expect(await world.clock.run(split(world, { around: slow }))).toBe('done');
      return batchId;
    };

    it.each([
      ['other requests', linesOf(3)],
      ['no request', 'nonsense'],
    ])('keeps what was accepted, though there is %s by now', async (_, later) => {
      const batchId = await acceptedMeanwhile(later);
      const batch = await world.batches.read(batchId);
      expect(batch).toMatchObject({ status: 'in_progress', total: 12 });
      const input = await world.objects.get(batch?.input.key ?? '');
      expect(Buffer.from(input ?? []).toString() === linesOf(12)).toBe(true);
      expectEachHeldOnce(batchId, 12);
    });
  });

  describe('when it is interrupted', () => {
    it('goes on from its cursor when time runs out, and its message comes again at once', async () => {
      const { batchId } = await acceptedBatch(world, { requests: requests(12) });
      let chunks = 0;
      const slow: Around = async (effect, perform) => {
        if (nameOf(effect) !== 'batches.change') return perform();
        chunks += 1;
        await world.clock.sleep(50_000);
        return perform();
      };
      expect(await world.clock.run(split(world, { around: slow, lifeMs: 100_000 }))).toBe('again');
      expect(chunks).toBe(2);
      expect(await world.batches.read(batchId)).toMatchObject({ cursor: { index: 10 } });
      expect(await world.clock.run(split(world))).toBe('done');
      expect(heldIds(world)).toHaveLength(12);
      expectEachHeldOnce(batchId, 12);
    });

    it('keeps its message hidden while it lives, and for a minute when it is killed', async () => {
      await acceptedBatch(world, { requests: requests(10) });
      const process = createSimulatedProcess(world.clock);
      const stuck: Around = (effect, perform) =>
        nameOf(effect) === 'batches.change' ? new Promise(() => {}) : process.around(effect, perform);
      void split(world, { around: stuck, process });
      await world.clock.advance(300_000);
      expect(await world.clock.run(split(world))).toBe('no message');
      process.kill();
      await world.clock.advance(61_000);
      expect(await world.clock.run(split(world))).toBe('done');
    });

    const effectsOf = async (): Promise<readonly string[]> => {
      const rehearsal = createWorld();
      const names: string[] = [];
      await startedUpload(rehearsal, linesOf(12));
      await rehearsal.clock.run(split(rehearsal, { around: recordInto(names) }));
      return names;
    };

    const killedAt = (
      process: ReturnType<typeof createSimulatedProcess>,
      at: number,
      moment: string,
    ): Around => {
      let calls = 0;
      return async (effect, perform) => {
        calls += 1;
        if (calls !== at) return process.around(effect, perform);
        if (moment === 'before') process.kill();
        return process.around(effect, async () => {
          const done = await perform();
          process.kill();
          return done;
        });
      };
    };

    it('holds each request, and none twice, wherever it is killed', async () => {
      const names = await effectsOf();
      expect(names.slice(0, 2)).toEqual(['queues.setVisibility', 'batches.read']);
      expect(names.filter((name) => name === 'batches.change')).toHaveLength(4);
      for (const at of names.map((_, index) => index + 1))
        for (const moment of ['before', 'after']) {
          world = createWorld();
          const { batchId } = await startedUpload(world, linesOf(12));
          const process = createSimulatedProcess(world.clock);
          void split(world, { around: killedAt(process, at, moment), process });
          await settled();
          await world.clock.advance(1000);
          await splitAll(world);
          expectEachHeldOnce(batchId, 12);
          expect(await viewOf(batchId)).toMatchObject({ counts: { total: 12, processing: 12 } });
        }
    });

    it('leaves its message to whoever is ahead of it', async () => {
      const { batchId } = await acceptedBatch(world, { requests: requests(12) });
      const overtaken: Around = async (effect, perform) => {
        if (nameOf(effect) === 'batches.change')
          await world.batches.change(batchId, ['in_progress'], {
            cursor: { offsetBytes: 9999, line: 11, index: 11 },
          });
        return perform();
      };
      expect(await world.clock.run(split(world, { around: overtaken }))).toBe('again');
      expect(world.queues.bodies('batches')).toHaveLength(1);
    });

    it('tries again when a store is not well, and leaves the rest for later when it stays so', async () => {
      const { batchId } = await acceptedBatch(world, { requests: requests(3) });
      let refusals = 0;
      world.queues.refuse('hold-haiku-normal-express', (body) => body.includes('p1') && ++refusals <= 2);
      expect(await world.clock.run(split(world))).toBe('done');
      expectEachHeldOnce(batchId, 3);

      const second = await acceptedBatch(world, { requests: requests(3) });
      world.queues.refuse('hold-haiku-normal-express', () => true);
      expect(await world.clock.run(split(world))).toBe('again');
      expect(world.telemetry.troubles()).toContain('batch_not_split');
      world.queues.refuse('hold-haiku-normal-express', () => false);
      await splitAll(world);
      expect(await world.batches.read(second.batchId)).toMatchObject({ cursor: { index: 3 } });
    });
  });

  describe('what gets to no lane', () => {
    it('ends as canceled, told, counted and with a result, once its batch is canceled', async () => {
      const { batchId } = await acceptedBatch(world, { requests: requests(12) });
      const cancels: Around = async (effect, perform) => {
        if (nameOf(effect) === 'batches.change')
          await createCancelBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
        return perform();
      };
      expect(await world.clock.run(split(world, { around: cancels }))).toBe('done');
      expect(heldIds(world)).toHaveLength(5);
      expect(await viewOf(batchId)).toMatchObject({
        status: 'canceling',
        counts: { total: 12, processing: 5, canceled: 7 },
      });
      expect(notifications(world)).toHaveLength(7);
      expect(notifications(world)[0]).toMatchObject({
        request_id: memberId(batchId, 5),
        batch_index: 5,
        custom_id: 'c5',
        status: 'canceled',
        error: { code: 'canceled' },
      });
      const item = await world.requests.read(memberId(batchId, 5));
      const line = await world.objects.get(item?.result?.key ?? '', item?.result);
      expect(JSON.parse(Buffer.from(line ?? []).toString())).toEqual(notifications(world)[0]);
    });

    it('ends the batch when it was all of it', async () => {
      const { batchId } = await acceptedBatch(world, { requests: requests(3) });
      await createCancelBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
      await splitAll(world);
      expect(await viewOf(batchId)).toMatchObject({
        status: 'ended',
        counts: { total: 3, processing: 0, canceled: 3 },
      });
    });

    it('fails with its faults when the settings of today refuse it', async () => {
      const two = {
        haiku: { model_id: 'h', quota: { tokens_per_minute: 9 } },
        old: { model_id: 'o', quota: { tokens_per_minute: 9 } },
      };
      world = createWorld({ settings: { models: two } });
      const { batchId } = await acceptedBatch(world, {
        requests: [
          { prompt: 'a', model: 'old', metadata: { k: 'v' } },
          { prompt: 'b', model: 'haiku' },
        ],
      });
      const later = {
        ...createWorld({ settings: { models: { haiku: two.haiku } } }),
        ...withoutSettings(world),
      };
      await splitAll(later);
      expect(heldIds(world)).toEqual([memberId(batchId, 1)]);
      expect(await viewOf(batchId)).toMatchObject({ counts: { total: 2, processing: 1, failed: 1 } });
      expect(notifications(world)).toMatchObject([
        {
          batch_index: 0,
          status: 'failed',
          pool: 'old',
          metadata: { k: 'v' },
          error: { code: 'invalid_request', errors: [{ pointer: '/model', code: 'unknown_model' }] },
        },
      ]);
    });

    it('is the same, told again at worst, wherever the splitter is killed', async () => {
      const names: string[] = [];
      const rehearsal = createWorld();
      const canceled = async (inWorld: World): Promise<string> => {
        const { batchId } = await acceptedBatch(inWorld, { requests: requests(3) });
        await createCancelBatch(acceptDepsOf(inWorld))({ batchId, tenant: 'default' });
        return batchId;
      };
      await canceled(rehearsal);
      await rehearsal.clock.run(split(rehearsal, { around: recordInto(names) }));
      for (const [index] of names.entries()) {
        world = createWorld();
        const batchId = await canceled(world);
        const process = createSimulatedProcess(world.clock);
        let calls = 0;
        const kill: Around = async (_, perform) => {
          const done = await perform();
          calls += 1;
          if (calls === index + 1) process.kill();
          return done;
        };
        void split(world, { around: chain(process.around, kill), process });
        await world.clock.advance(1000);
        await splitAll(world);
        expect(await viewOf(batchId)).toMatchObject({
          status: 'ended',
          counts: { total: 3, processing: 0, canceled: 3 },
        });
        const told = notifications(world).map((one) => JSON.stringify(one));
        expect([...new Set(told)]).toHaveLength(3);
      }
    });
  });
});

const withoutSettings = ({ settings: _, ...rest }: World): Omit<World, 'settings'> => rest;
