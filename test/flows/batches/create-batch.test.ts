import { parseBatch } from '../../../shared/core/parse-batch.ts';
import { createCancelBatch } from '../../../shared/flows/batches/cancel-batch.ts';
import { createCreateBatch } from '../../../shared/flows/batches/create-batch.ts';
import { createReadBatch } from '../../../shared/flows/batches/read-batch.ts';
import { createStartBatch } from '../../../shared/flows/batches/start-batch.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import { failing, firstCalls, nameOf, recordInto } from '../../fakes/interpose.ts';
import { acceptDepsOf, createWorld, type World } from '../../fakes/world.ts';
import { acceptedBatch, createBatch, startedUpload } from './batches.ts';

const TWO = { requests: [{ prompt: 'one', custom_id: 'a' }, { prompt: 'two' }], priority: 'low' };
const keyed = { idempotencyKey: 'k-1' };

const clockOf = ({ clock }: World): Clock => ({
  nowMs: () => clock.nowMs(),
  monotonicMs: () => clock.monotonicMs(),
  sleep: (durationMs) => clock.sleep(durationMs),
});

describe('create-batch', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld();
  });

  it('makes its requests durable first, the batch second, and calls the splitter last', async () => {
    const names: string[] = [];
    const acceptance = await createBatch(world, TWO, {}, recordInto(names));
    // One of them is of priority `low`.
    expect(names).toEqual(['reports.readReport', 'objects.put', 'batches.create', 'queues.send']);
    expect(acceptance).toMatchObject({
      kind: 'accepted',
      replayed: false,
      batch: { status: 'in_progress', total: 2, defaults: { priority: 'low' }, customId: null },
    });
    const [batch] = world.batches.all();
    expect(world.queues.bodies('batches')).toEqual([`{"batch_id":"${batch?.batchId}"}`]);
    expect(world.objects.text(batch?.input.key ?? '')).toBe(
      '{"prompt":"one","custom_id":"a"}\n{"prompt":"two"}\n',
    );
  });

  it('names every fault of every request, and writes nothing', async () => {
    const names: string[] = [];
    const body = {
      requests: [{ prompt: 'x' }, { prompt: '', max_tokens: 0 }, { promt: 'x' }, 7],
      priority: 'urgent',
      colour: 'red',
    };
    const acceptance = await createBatch(world, body, {}, recordInto(names));
    expect(names).toEqual([]);
    expect(acceptance).toMatchObject({
      kind: 'refused',
      problem: {
        status: 422,
        code: 'invalid_request',
        detail: '7 faults in 3 of 4 requests; nothing was accepted.',
        errors: [
          { pointer: '/priority', code: 'invalid_value' },
          { pointer: '/colour', code: 'unknown_field' },
          { pointer: '/requests/1/prompt', code: 'out_of_range' },
          { pointer: '/requests/1/max_tokens', code: 'out_of_range' },
          { pointer: '/requests/2/promt', code: 'unknown_field' },
          { pointer: '/requests/2', code: 'required' },
          { pointer: '/requests/3', code: 'invalid_type' },
        ],
      },
    });
  });

  it('names a hundred faults and counts the rest', async () => {
    const acceptance = await createBatch(world, { requests: Array.from({ length: 150 }, () => ({})) });
    expect(acceptance).toMatchObject({
      problem: {
        detail: '150 faults in 150 of 150 requests, of which the first 100 are named; nothing was accepted.',
      },
    });
    expect(acceptance.kind === 'refused' && acceptance.problem.errors?.length).toBe(100);
  });

  it('tells a fault of what the batch says for all once, not in each request', async () => {
    const body = { requests: [{ prompt: 'a' }, { prompt: 'b' }], model: 'gpt' };
    expect(await createBatch(world, body)).toMatchObject({
      problem: {
        detail: 'One fault; nothing was accepted.',
        errors: [{ pointer: '/model', code: 'unknown_model' }],
      },
    });
  });

  it.each([
    ['no requests', { requests: [] }, '/requests', 'required'],
    ['neither requests nor an upload', { custom_id: 'x' }, '', 'required'],
    ['both', { requests: [{ prompt: 'x' }], upload: true }, '/upload', 'conflicting_fields'],
    [
      'two times',
      { requests: [{ prompt: 'x' }], deadline: '2026-02-01T00:00:00Z', expires_in_seconds: 9 },
      '/expires_in_seconds',
      'conflicting_fields',
    ],
    [
      'an upload that is too large',
      { upload: { size_bytes: 268_435_457 } },
      '/upload/size_bytes',
      'out_of_range',
    ],
    ['no object', [], '', 'invalid_type'],
    [
      'a key in a request',
      { requests: [{ prompt: 'x', idempotency_key: 'k' }] },
      '/requests/0/idempotency_key',
      'unknown_field',
    ],
    [
      'one `custom_id` twice',
      {
        requests: [
          { prompt: 'x', custom_id: 'a' },
          { prompt: 'y', custom_id: 'a' },
        ],
      },
      '/requests/1/custom_id',
      'duplicate_custom_id',
    ],
    [
      'the tenant of another',
      { requests: [{ prompt: 'x', tenant: 'them' }] },
      '/requests/0/tenant',
      'tenant_mismatch',
    ],
    [
      'a time that has passed',
      { requests: [{ prompt: 'x' }], deadline: '2026-01-01T00:00:00Z' },
      '/deadline',
      'deadline_unreachable',
    ],
  ])('refuses %s', async (_, body, pointer, code) => {
    expect(await createBatch(world, body)).toMatchObject({
      kind: 'refused',
      problem: { code: 'invalid_request', errors: [{ pointer, code }] },
    });
    expect(world.batches.all()).toEqual([]);
  });

  it('refuses more requests than a batch holds, and looks at no more of them', async () => {
    const requests = Array.from({ length: 100_001 }, (_, index) => ({ prompt: index < 100_000 ? 'x' : '' }));
    expect(await createBatch(world, { requests })).toMatchObject({
      problem: {
        errors: [
          {
            pointer: '/requests',
            code: 'out_of_range',
            detail: 'must hold at most 100000 requests, not 100001',
          },
        ],
      },
    });
  });

  it('lets others have their turn while it checks', async () => {
    const turns: number[] = [];
    const clock = { ...clockOf(world), sleep: async (durationMs: number) => void turns.push(durationMs) };
    const sent = parseBatch({ requests: Array.from({ length: 1000 }, () => ({ prompt: 'x' })) });
    await createCreateBatch({ ...acceptDepsOf(world), clock })({ sent, tenant: 'default' });
    expect(turns).toEqual([0, 0, 0, 0]);
  });

  it('lets a request that names a time be without both times of its batch', async () => {
    const { expiresAtMs, createdAtMs } = await acceptedBatch(world, {
      requests: [{ prompt: 'x', deadline: '2026-01-31T13:00:00Z' }, { prompt: 'y' }],
      expires_in_seconds: 60,
    });
    expect(expiresAtMs - createdAtMs).toBe(3_600_000);
  });

  describe('with a key', () => {
    it('is the same batch again', async () => {
      const first = await createBatch(world, TWO, keyed);
      const second = await createBatch(world, TWO, keyed);
      expect(first).toMatchObject({ kind: 'accepted', replayed: false });
      expect(second).toMatchObject({ kind: 'accepted', replayed: true });
      expect(world.batches.all()).toHaveLength(1);
    });

    it('takes the key from the body, too, and tells when both differ', async () => {
      const inBody = { ...TWO, idempotency_key: 'k-1' };
      await createBatch(world, TWO, keyed);
      expect(await createBatch(world, inBody)).toMatchObject({ kind: 'accepted', replayed: true });
      expect(
        await createBatch(world, { ...inBody, idempotency_key: 'k-2' }, { idempotencyKey: 'k-3' }),
      ).toMatchObject({
        problem: { errors: [{ pointer: '/idempotency_key', code: 'conflicting_fields' }] },
      });
    });

    it('is refused with another body, which leaves the first as it was', async () => {
      await createBatch(world, TWO, keyed);
      const before = world.objects.keys().map((key) => world.objects.text(key));
      expect(await createBatch(world, { requests: [{ prompt: 'x' }] }, keyed)).toMatchObject({
        kind: 'refused',
        problem: { code: 'idempotency_conflict', status: 422 },
      });
      expect(world.objects.keys().map((key) => world.objects.text(key))).toEqual(before);
    });

    it('is another batch for another tenant', async () => {
      await createBatch(world, TWO, keyed);
      expect(await createBatch(world, TWO, { ...keyed, tenant: 'other' })).toMatchObject({ replayed: false });
    });

    it('stays accepted though its deadline has passed since', async () => {
      const timed = { ...TWO, deadline: '2026-01-31T12:01:00Z' };
      await createBatch(world, timed, keyed);
      await world.clock.advance(120_000);
      expect(await createBatch(world, timed, keyed)).toMatchObject({ kind: 'accepted', replayed: true });
    });

    it.each([
      ['objects.put', 0],
      ['batches.create', 1],
      ['queues.send', 1],
    ])('is healed by asking again after the answer of %s was lost', async (name, batches) => {
      const lost = failing(firstCalls(name, 1), 'after');
      const first = createBatch(world, TWO, keyed, lost);
      await expect(first).rejects.toThrow('injected');
      expect(world.batches.all()).toHaveLength(batches);
      expect(await createBatch(world, TWO, keyed)).toMatchObject({ kind: 'accepted' });
      expect(world.batches.all()).toHaveLength(1);
      expect(world.queues.bodies('batches').length).toBeGreaterThan(0);
    });

    it('is not accepted while the splitter cannot be called', async () => {
      world.queues.refuse('batches', () => true);
      expect(await createBatch(world, TWO, keyed)).toMatchObject({
        kind: 'refused',
        problem: { code: 'temporarily_unavailable' },
      });
      world.queues.refuse('batches', () => false);
      expect(await createBatch(world, TWO, keyed)).toMatchObject({ kind: 'accepted', replayed: true });
      expect(world.queues.bodies('batches')).toHaveLength(1);
    });
  });

  describe('with an upload', () => {
    it('says where to put it, and waits', async () => {
      const acceptance = await createBatch(world, { upload: { size_bytes: 1000 }, custom_id: 'big' });
      expect(acceptance).toMatchObject({
        kind: 'accepted',
        batch: { status: 'awaiting_upload', total: 0, customId: 'big' },
        upload: {
          method: 'PUT',
          headers: { 'content-length': '1000' },
          max_bytes: 1000,
          expires_at: '2026-01-31T13:00:00.000Z',
        },
      });
      expect(world.queues.bodies('batches')).toEqual([]);
    });

    it('gives a new address to who asks again with the same key', async () => {
      await createBatch(world, { upload: true }, keyed);
      await world.clock.advance(1_800_000);
      expect(await createBatch(world, { upload: true }, keyed)).toMatchObject({
        replayed: true,
        upload: { max_bytes: 268_435_456, expires_at: '2026-01-31T13:30:00.000Z' },
      });
    });

    const start = (batchId: string, tenant = 'default', around?: Parameters<typeof acceptDepsOf>[1]) =>
      createStartBatch(acceptDepsOf(world, around))({ batchId, tenant });

    it('is not started before it is there, nor by another tenant, nor twice', async () => {
      const { batchId } = await acceptedBatch(world, { upload: true });
      expect(await start(batchId)).toMatchObject({ problem: { code: 'upload_missing', status: 409 } });
      expect(await start(batchId, 'other')).toEqual({ kind: 'not_found' });
      await world.objects.put(
        `uploads/${batchId}.jsonl`,
        Buffer.from('{"prompt":"x"}'),
        'application/x-ndjson',
      );
      expect(await start(batchId)).toMatchObject({ kind: 'started', batch: { status: 'validating' } });
      expect(world.queues.bodies('batches')).toHaveLength(1);
      await world.batches.change(batchId, ['validating'], { status: 'in_progress' });
      expect(await start(batchId)).toMatchObject({ kind: 'started', batch: { status: 'in_progress' } });
      expect(world.queues.bodies('batches')).toHaveLength(1);
    });

    it('is not started while its size is not the one that was announced', async () => {
      const { batchId } = await acceptedBatch(world, { upload: { size_bytes: 14 } });
      const put = (text: string) =>
        world.objects.put(`uploads/${batchId}.jsonl`, Buffer.from(text), 'application/x-ndjson');
      await put('{"prompt":"xy"}');
      expect(await start(batchId)).toMatchObject({
        problem: {
          code: 'upload_size_differs',
          status: 409,
          detail:
            'The upload has 15 bytes, but `size_bytes` of the batch says 14. PUT a body of just 14 bytes, or create another batch.',
        },
      });
      await put('{"prompt":"x"}');
      expect(await start(batchId)).toMatchObject({ kind: 'started', batch: { status: 'validating' } });
    });

    it('is gone when nobody started it for a day', async () => {
      const { batchId } = await acceptedBatch(world, { upload: true });
      await world.clock.advance(86_400_000);
      expect(await start(batchId)).toEqual({ kind: 'gone' });
    });

    it('calls the splitter again for whoever starts it again after a crash', async () => {
      const { batchId } = await acceptedBatch(world, { upload: true });
      await world.objects.put(
        `uploads/${batchId}.jsonl`,
        Buffer.from('{"prompt":"x"}'),
        'application/x-ndjson',
      );
      await expect(
        start(
          batchId,
          'default',
          failing((effect) => nameOf(effect) === 'queues.send'),
        ),
      ).rejects.toThrow('injected');
      expect(world.queues.bodies('batches')).toEqual([]);
      expect(await start(batchId)).toMatchObject({ kind: 'started', batch: { status: 'validating' } });
      expect(world.queues.bodies('batches')).toHaveLength(1);
    });
  });

  describe('cancel', () => {
    const cancel = (batchId: string, tenant = 'default') =>
      createCancelBatch(acceptDepsOf(world))({ batchId, tenant });

    it('sets a flag while the batch runs, and changes nothing the second time', async () => {
      const { batchId } = await acceptedBatch(world, TWO);
      expect(await cancel(batchId)).toMatchObject({
        kind: 'canceling',
        batch: { status: 'canceling', cancelInitiatedAtMs: world.clock.nowMs() },
      });
      const before = await world.batches.read(batchId);
      await world.clock.advance(1000);
      expect(await cancel(batchId)).toMatchObject({ kind: 'canceling' });
      expect(await world.batches.read(batchId)).toEqual(before);
    });

    it.each(['awaiting_upload', 'validating'])('ends what is %s at once', async (status) => {
      const { batchId } =
        status === 'validating'
          ? await startedUpload(world, '{}')
          : await acceptedBatch(world, { upload: true });
      expect(await cancel(batchId)).toMatchObject({ kind: 'over', batch: { status: 'ended' } });
    });

    it('tells of a batch that is over as it is, and of one of another tenant nothing', async () => {
      const { batchId } = await acceptedBatch(world, TWO);
      await world.batches.change(batchId, ['in_progress'], { status: 'ended', endedAtMs: 1 });
      expect(await cancel(batchId)).toMatchObject({ kind: 'over', batch: { status: 'ended', endedAtMs: 1 } });
      expect(await cancel(batchId, 'other')).toEqual({ kind: 'not_found' });
    });
  });

  it('is read by its own tenant only, and no longer than it is kept', async () => {
    const { batchId } = await acceptedBatch(world, TWO);
    const read = (tenant: string) => createReadBatch(acceptDepsOf(world))({ batchId, tenant });
    expect(await read('default')).toMatchObject({ kind: 'found', tallies: [] });
    expect(await read('other')).toEqual({ kind: 'not_found' });
    await world.clock.advance(9 * 86_400_000);
    expect(await read('default')).toEqual({ kind: 'gone' });
  });
});
