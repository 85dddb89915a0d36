import { toBatchView } from '../../../shared/core/batch-view.ts';
import { createCancelBatch } from '../../../shared/flows/batches/cancel-batch.ts';
import { createReadBatch } from '../../../shared/flows/batches/read-batch.ts';
import { type Around, failing, firstCalls, nameOf, recordInto } from '../../fakes/interpose.ts';
import { createSimulatedProcess } from '../../fakes/simulated-process.ts';
import { START_MS } from '../../fakes/virtual-clock.ts';
import { acceptDepsOf, createWorld, type World } from '../../fakes/world.ts';
import { acceptedBatch, type Body, memberId, splitAll } from '../batches/batches.ts';
import { drain, notifications, startDrain, waitingInLanes } from './drains.ts';

const PRICED = {
  models: {
    haiku: { model_id: 'm', quota: { tokens_per_minute: 10_000_000 }, prices: { input: 1, output: 5 } },
  },
};

describe('members of a batch, in a drain', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld({ settings: PRICED });
  });

  const heldBatch = async (prompts: readonly string[], fields: Body = {}): Promise<string> => {
    const { batchId } = await acceptedBatch(world, {
      requests: prompts.map((prompt) => ({ prompt, max_tokens: 100, ...fields })),
    });
    await splitAll(world);
    return batchId;
  };

  const viewOf = async (batchId: string) => {
    const reading = await createReadBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
    if (reading.kind !== 'found') throw new Error(reading.kind);
    return toBatchView(reading.batch, reading.tallies);
  };

  const ALL_SUCCEEDED = {
    status: 'ended',
    counts: { total: 3, processing: 0, succeeded: 3, failed: 0, canceled: 0, expired: 0 },
  };

  it('are counted with what they used, and end their batch', async () => {
    const batchId = await heldBatch(['a', 'b', 'c']);
    await drain(world);
    const view = await viewOf(batchId);
    expect(view).toMatchObject(ALL_SUCCEEDED);
    expect(view.usage.output_tokens).toBe(
      notifications(world).reduce((sum, { usage }) => sum + (usage?.output_tokens ?? 0), 0),
    );
    expect(view.cost_usd).toBeGreaterThan(0);
    expect(notifications(world)[0]).toMatchObject({ batch_id: batchId, batch_index: 0 });
  });

  it('are counted by one write for a flush', async () => {
    const batchId = await heldBatch(Array.from({ length: 40 }, (_, index) => `p${index}`));
    let counts = 0;
    let flushes = 0;
    const around: Around = (effect, perform) => {
      if (nameOf(effect) === 'batches.count') counts += 1;
      if (nameOf(effect) === 'ledger.record') flushes += 1;
      return perform();
    };
    await drain(world, { around });
    expect(counts).toBe(flushes);
    expect(await viewOf(batchId)).toMatchObject({ status: 'ended', counts: { succeeded: 40 } });
  });

  it('stay in their lanes when they could not be counted, and are counted when they come again', async () => {
    const batchId = await heldBatch(['a', 'b', 'c']);
    await drain(world, { around: failing(firstCalls('batches.count', 1)) });
    await world.clock.advance(61_000);
    await drain(world);
    expect(await viewOf(batchId)).toMatchObject(ALL_SUCCEEDED);
    expect(waitingInLanes(world)).toBe(0);
    expect(world.telemetry.troubles()).toEqual(['batch_not_counted']);
  });

  it('are counted once, though their lane messages come twice', async () => {
    const batchId = await heldBatch(['a', 'b', 'c']);
    world.queues.duplicate('hold-haiku-normal-express');
    await drain(world);
    world.queues.duplicate('hold-haiku-normal-express');
    await drain(world);
    expect(await viewOf(batchId)).toMatchObject(ALL_SUCCEEDED);
  });

  it.each([
    ['requests.finish', 'after'],
    ['batches.count', 'before'],
    ['batches.count', 'after'],
    ['batches.change', 'before'],
    ['ledger.record', 'after'],
    ['queues.remove', 'before'],
  ])('are counted once when the drain dies at %s, %s it', async (name, moment) => {
    const batchId = await heldBatch(['a', 'b', 'c']);
    const process = createSimulatedProcess(world.clock);
    const around: Around = (effect, perform) =>
      process.around(effect, async () => {
        if (nameOf(effect) !== name) return perform();
        const done = moment === 'after' ? await perform() : undefined;
        process.kill();
        return done;
      });
    void startDrain(world, {}, { ...process, around });
    await world.clock.advance(20_000);
    await world.clock.advance(70_000);
    await drain(world);
    await world.clock.advance(900_000);
    await drain(world);
    const { counts, status } = await viewOf(batchId);
    expect({ counts, status }).toEqual({ ...ALL_SUCCEEDED });
    expect(world.requests.all().every(({ status: each }) => each === 'succeeded')).toBe(true);
  });

  it('end as canceled when their batch was, before anything is asked of the model or the governor', async () => {
    const batchId = await heldBatch(['a', 'b', 'c']);
    await createCancelBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
    const names: string[] = [];
    await drain(world, { around: recordInto(names) });
    expect(await viewOf(batchId)).toMatchObject({
      status: 'ended',
      counts: { total: 3, processing: 0, canceled: 3 },
    });
    expect(names.filter((name) => name === 'requests.claim' || name.startsWith('model.'))).toEqual([]);
    expect(notifications(world)).toMatchObject([
      { status: 'canceled', error: { code: 'canceled' } },
      { status: 'canceled' },
      { status: 'canceled' },
    ]);
    expect(waitingInLanes(world)).toBe(0);
  });

  it('end as canceled when their batch is canceled while they wait in hand; what is answered first stays so', async () => {
    world = createWorld({ settings: { ...PRICED, max_concurrent_executions: 1 } });
    const batchId = await heldBatch(['a', 'b', 'c']);
    let canceled = false;
    const around: Around = async (effect, perform) => {
      if (effect.port === 'model' && !canceled) {
        canceled = true;
        await createCancelBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
        await world.clock.sleep(1100);
      }
      return perform();
    };
    await drain(world, { around });
    expect(await viewOf(batchId)).toMatchObject({
      status: 'ended',
      counts: { total: 3, processing: 0, succeeded: 1, canceled: 2 },
    });
  });

  it('are stopped while they run, with one look at their batch for each heartbeat', async () => {
    world = createWorld({ settings: PRICED, model: { latencyMs: () => 30_000 } });
    const batchId = await heldBatch(['a', 'b', 'c']);
    const single = await heldBatch(['another']);
    const names: string[] = [];
    const drained = startDrain(world, { around: recordInto(names) });
    await world.clock.advance(10_000);
    const reads = names.filter((name) => name === 'batches.read').length;
    await world.clock.advance(12_000);
    expect(names.filter((name) => name === 'batches.read').length - reads).toBe(8);
    await createCancelBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
    await world.clock.advance(6000);
    expect(await viewOf(batchId)).toMatchObject({
      status: 'ended',
      counts: { total: 3, processing: 0, canceled: 3 },
    });
    expect(await viewOf(single)).toMatchObject({ counts: { processing: 1 } });
    await world.clock.run(drained);
    expect(await viewOf(single)).toMatchObject({ status: 'ended', counts: { succeeded: 1 } });
  });

  it('end within a heartbeat while they wait in hand for a quota that is used up, and let others pass', async () => {
    const quota = { tokens_per_minute: 6000 };
    world = createWorld({
      settings: { models: { haiku: { model_id: 'm', quota, default_max_tokens: 100 } } },
    });
    const prompts = Array.from({ length: 40 }, (_, index) => `p${index}`);
    const batchId = await heldBatch(prompts, { max_tokens: 3000 });
    const drained = startDrain(world);
    await world.clock.advance(10_000);
    const other = await heldBatch(['other'], { max_tokens: 100 });
    await world.clock.advance(3_000);
    const called = world.model.calls.length;
    expect(called).toBeLessThan(10);

    await createCancelBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
    await world.clock.advance(7_000);
    const { status, counts } = await viewOf(batchId);
    expect(status).toBe('ended');
    expect(counts).toMatchObject({ processing: 0, canceled: 40 - counts.succeeded });
    expect(counts.succeeded).toBeLessThanOrEqual(called + 1);
    await world.clock.run(drained);

    expect(world.model.calls.length).toBeLessThanOrEqual(called + 2);
    expect(await viewOf(other)).toMatchObject({ status: 'ended', counts: { succeeded: 1 } });
    expect(waitingInLanes(world)).toBe(0);
  });

  it('that wait in hand are not ended here when they run elsewhere by then', async () => {
    const quota = { tokens_per_minute: 6000 };
    world = createWorld({
      settings: { models: { haiku: { model_id: 'm', quota, default_max_tokens: 100 } } },
    });
    const prompts = Array.from({ length: 10 }, (_, index) => `p${index}`);
    const batchId = await heldBatch(prompts, { max_tokens: 3000 });
    const last = memberId(batchId, 9);
    const around: Around = async (effect, perform) => {
      const item = await world.requests.read(last);
      if (nameOf(effect) === 'requests.cancel' && item?.status === 'queued')
        world.requests.put({
          ...item,
          status: 'running',
          claims: 1,
          epoch: 99,
          attemptUntilMs: world.clock.nowMs() + 50_000,
        });
      return perform();
    };
    void startDrain(world, { around });
    await world.clock.advance(10_000);
    await createCancelBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
    await world.clock.advance(7_000);

    expect((await world.requests.read(last))?.status).toBe('running');
    expect(await viewOf(batchId)).toMatchObject({ counts: { processing: 1 } });
  });

  it('end as canceled when they are parked and looked at again, long before their time', async () => {
    const batchId = await heldBatch(['a', 'b', 'c'], {
      not_before: new Date(START_MS + 5 * 3_600_000).toISOString(),
    });
    await drain(world);
    expect(world.queues.bodies('parked-haiku')).toHaveLength(3);
    await createCancelBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
    await world.clock.advance(900_000);
    await drain(world);
    expect(await viewOf(batchId)).toMatchObject({ status: 'ended', counts: { processing: 0, canceled: 3 } });
    expect(world.queues.bodies('parked-haiku')).toEqual([]);
  });

  it('keep their lane message when somebody else has claimed them in the last moment', async () => {
    const batchId = await heldBatch(['a']);
    await createCancelBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
    const around: Around = async (effect, perform) => {
      const item = await world.requests.read(memberId(batchId, 0));
      if (nameOf(effect) === 'requests.cancel' && item !== undefined)
        world.requests.put({
          ...item,
          status: 'running',
          claims: 1,
          epoch: 99,
          attemptUntilMs: world.clock.nowMs() + 50_000,
        });
      return perform();
    };
    await drain(world, { around });
    expect((await world.requests.read(memberId(batchId, 0)))?.status).toBe('running');
    expect(waitingInLanes(world)).toBe(1);
  });

  it('are not held up by a flag that can not be read', async () => {
    const batchId = await heldBatch(['a', 'b', 'c']);
    await drain(world, { around: failing((effect) => nameOf(effect) === 'batches.read') });
    expect(await viewOf(batchId)).toMatchObject(ALL_SUCCEEDED);
    expect(world.telemetry.troubles()).toContain('cancel_not_read');
  });

  it('count as failed when their text is gone', async () => {
    const batchId = await heldBatch(['a', 'x'.repeat(10) + randomText(400_000)]);
    world.objects.forget(`inputs/haiku/${memberId(batchId, 1)}.json`);
    await drain(world);
    expect(await viewOf(batchId)).toMatchObject({
      status: 'ended',
      counts: { total: 2, processing: 0, succeeded: 1, failed: 1 },
    });
  });
});

/** Text that does not compress to nothing. */
const randomText = (length: number): string =>
  Array.from({ length: Math.ceil(length / 6) }, (_, index) =>
    ((index * 2_654_435_761) % 2_176_782_336).toString(36),
  )
    .join('')
    .slice(0, length);
