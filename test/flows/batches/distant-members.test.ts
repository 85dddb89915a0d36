import { toBatchView } from '../../../shared/core/batch-view.ts';
import { createCancelBatch } from '../../../shared/flows/batches/cancel-batch.ts';
import { createReadBatch } from '../../../shared/flows/batches/read-batch.ts';
import { type Around, chain, failing, firstCalls, nameOf, recordInto } from '../../fakes/interpose.ts';
import { createSimulatedProcess } from '../../fakes/simulated-process.ts';
import { START_MS } from '../../fakes/virtual-clock.ts';
import { acceptDepsOf, createWorld, type World } from '../../fakes/world.ts';
import { drain, notifications } from '../drain/drains.ts';
import { acceptedBatch, memberId, split, splitAll } from './batches.ts';

const HOUR_MS = 3_600_000;
const at = (afterMs: number): string => new Date(START_MS + afterMs).toISOString();

/** Held, each with what it waits for. */
const heldBatch = async (world: World, notBefore: readonly (string | undefined)[]): Promise<string> => {
  const { batchId } = await acceptedBatch(world, {
    requests: notBefore.map((not_before, index) => ({
      prompt: `p${index}`,
      custom_id: `c${index}`,
      metadata: { place: `${index}` },
      ...(not_before === undefined ? {} : { not_before }),
    })),
  });
  await splitAll(world);
  return batchId;
};

const heldForLater = (world: World, count: number): Promise<string> =>
  heldBatch(
    world,
    Array.from({ length: count }, () => at(5 * HOUR_MS)),
  );

const cancel = async (world: World, batchId: string): Promise<void> => {
  const outcome = await createCancelBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
  expect(outcome.kind).toBe('canceling');
};

const viewOf = async (world: World, batchId: string) => {
  const reading = await createReadBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
  if (reading.kind !== 'found') throw new Error(reading.kind);
  const { status, counts } = toBatchView(reading.batch, reading.tallies);
  return { status, processing: counts.processing, canceled: counts.canceled };
};

const storedOf = async (world: World, requestId: string): Promise<unknown> => {
  const item = await world.requests.read(requestId);
  const line = await world.objects.get(item?.result?.key ?? '', item?.result);
  return JSON.parse(Buffer.from(line ?? []).toString());
};

describe('members of a canceled batch that wait for a time that is not near', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld();
  });

  it('end at once, told and counted, though no drain meets them', async () => {
    const batchId = await heldForLater(world, 12);
    await cancel(world, batchId);
    await splitAll(world);
    expect(await viewOf(world, batchId)).toEqual({ status: 'ended', processing: 0, canceled: 12 });
    expect(notifications(world)).toHaveLength(12);
    expect(notifications(world)[7]).toMatchObject({
      request_id: memberId(batchId, 7),
      custom_id: 'c7',
      status: 'canceled',
      attempts: 0,
      metadata: { place: '7' },
    });
    expect(await storedOf(world, memberId(batchId, 7))).toEqual(notifications(world)[7]);
    expect(await world.tenants.readWaiting('haiku', 'default')).toBe(0);
  });

  it('have their messages taken away by the next drain that meets them, with no claim', async () => {
    const batchId = await heldForLater(world, 3);
    await cancel(world, batchId);
    await splitAll(world);
    await world.clock.advance(900_000);
    const names: string[] = [];
    await drain(world, { around: recordInto(names) });
    expect(world.queues.bodies('parked-haiku')).toEqual([]);
    expect(names.filter((name) => name === 'requests.claim' || name === 'requests.cancel')).toEqual([]);
    expect(new Set(notifications(world).map((one) => JSON.stringify(one))).size).toBe(3);
    expect(await viewOf(world, batchId)).toMatchObject({ canceled: 3 });
  });

  it('leave alone what a drain meets soon', async () => {
    const batchId = await heldBatch(world, [undefined, at(30_000), at(61_000), at(-HOUR_MS)]);
    await cancel(world, batchId);
    await splitAll(world);
    const statuses = await Promise.all(
      [0, 1, 2, 3].map(async (index) => (await world.requests.read(memberId(batchId, index)))?.status),
    );
    expect(statuses).toEqual(['queued', 'queued', 'canceled', 'queued']);
  });

  it('are not told again when the cancel is repeated', async () => {
    const batchId = await heldBatch(world, [undefined, at(HOUR_MS), at(HOUR_MS)]);
    await cancel(world, batchId);
    await splitAll(world);
    await cancel(world, batchId);
    await splitAll(world);
    expect(notifications(world)).toHaveLength(2);
  });

  it('go on where time ran out', async () => {
    const batchId = await heldForLater(world, 12);
    await cancel(world, batchId);
    const slow: Around = async (effect, perform) => {
      if (nameOf(effect) === 'objects.put') await world.clock.sleep(20_000);
      return perform();
    };
    const hasTime = { around: slow, lifeMs: 45_000 };
    expect(await world.clock.run(split(world, hasTime))).toBe('again');
    expect(await viewOf(world, batchId)).toMatchObject({ canceled: 5 });
    await splitAll(world);
    expect(await viewOf(world, batchId)).toMatchObject({ canceled: 12 });
    expect(notifications(world)).toHaveLength(12);
  });

  it('end once, with a result that is theirs, wherever the splitter dies', async () => {
    const names: string[] = [];
    await cancel(world, await heldForLater(world, 6));
    await world.clock.run(split(world, { around: recordInto(names) }));
    expect(names.length).toBeGreaterThan(20);
    for (const [index] of names.entries()) {
      world = createWorld();
      const batchId = await heldForLater(world, 6);
      await cancel(world, batchId);
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
      await world.clock.advance(900_000);
      await drain(world);
      expect(await viewOf(world, batchId)).toEqual({ status: 'ended', processing: 0, canceled: 6 });
      expect(new Set(notifications(world).map((one) => JSON.stringify(one))).size).toBe(6);
      for (let place = 0; place < 6; place += 1)
        expect(await storedOf(world, memberId(batchId, place))).toMatchObject({
          request_id: memberId(batchId, place),
          status: 'canceled',
        });
      expect(world.queues.bodies('parked-haiku')).toEqual([]);
    }
  });

  it('are not held in hand by a drain that could not tell them again', async () => {
    const batchId = await heldForLater(world, 1);
    await cancel(world, batchId);
    await splitAll(world);
    await world.clock.advance(900_000);
    const untold = failing(firstCalls('objects.get', 2));
    expect(await drain(world, { around: untold })).toMatchObject({ reason: 'idle' });
    expect(world.queues.bodies('parked-haiku')).toHaveLength(1);
    await world.clock.advance(61_000);
    await drain(world);
    expect(world.queues.bodies('parked-haiku')).toEqual([]);
  });
});
