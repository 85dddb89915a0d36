import { toBatchView } from '../../../shared/core/batch-view.ts';
import { createCancelBatch } from '../../../shared/flows/batches/cancel-batch.ts';
import { createReadBatch } from '../../../shared/flows/batches/read-batch.ts';
import { createListRequests } from '../../../shared/flows/list-requests.ts';
import { type Around, failing, nameOf } from '../../fakes/interpose.ts';
import { createSimulatedProcess } from '../../fakes/simulated-process.ts';
import { settled } from '../../fakes/virtual-clock.ts';
import { acceptDepsOf, createWorld, type World } from '../../fakes/world.ts';
import { notifications } from '../drain/drains.ts';
import { acceptedBatch, heldIds, memberId, split, splitAll } from './batches.ts';

const requests = (count: number, fields: object = {}): readonly object[] =>
  Array.from({ length: count }, (_, index) => ({ prompt: `p${index}`, custom_id: `c${index}`, ...fields }));

const viewOf = async (world: World, batchId: string) => {
  const reading = await createReadBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
  if (reading.kind !== 'found') throw new Error(reading.kind);
  return toBatchView(reading.batch, reading.tallies);
};

describe('a batch of a tenant that has no room', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld({ settings: { tenants: { default: { max_waiting: 4 } } } });
  });

  const waits = (): readonly unknown[] =>
    world.queues.bodies('batches').map((body) => (JSON.parse(body) as { wait_seconds: number }).wait_seconds);

  it('is sent anew for each wait, so that no count of receives ends it, and waits longer each time', async () => {
    await acceptedBatch(world, { requests: requests(6) });
    const seen: unknown[] = [];
    for (let visit = 0; visit < 6; visit++) {
      expect(await world.clock.run(split(world))).toBe('done');
      seen.push(...waits());
      await world.clock.advance(Number(waits()[0]) * 1000 - 1000);
      expect(await world.clock.run(split(world))).toBe('no message');
      await world.clock.advance(2000);
    }
    expect(seen).toEqual([60, 120, 240, 480, 600, 600]);
  });

  it('ends what it holds in no lane as soon as it is canceled, however long it would wait', async () => {
    const { batchId } = await acceptedBatch(world, { requests: requests(6) });
    for (let visit = 0; visit < 5; visit++) {
      await world.clock.run(split(world));
      await world.clock.advance(Number(waits()[0]) * 1000);
    }
    await world.clock.run(split(world));
    await createCancelBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
    expect(await world.clock.run(split(world))).toBe('done');
    expect(await viewOf(world, batchId)).toMatchObject({ counts: { total: 6, processing: 4, canceled: 2 } });
  });

  it('is being canceled also when the splitter can not be woken', async () => {
    const { batchId } = await acceptedBatch(world, { requests: requests(6) });
    const deps = acceptDepsOf(
      world,
      failing((effect) => nameOf(effect) === 'queues.send'),
    );
    expect(await createCancelBatch(deps)({ batchId, tenant: 'default' })).toMatchObject({
      kind: 'canceling',
    });
    expect(world.telemetry.troubles()).toEqual(['splitter_not_woken']);
  });

  it('waits shorter again once many have ended meanwhile', async () => {
    const { batchId } = await acceptedBatch(world, { requests: requests(12) });
    for (let visit = 0; visit < 3; visit++) {
      await world.clock.run(split(world));
      await world.clock.advance(601_000);
    }
    expect(waits()).toEqual([240]);
    await world.tenants.addWaiting('haiku', 'default', -1);
    await world.clock.run(split(world));
    expect(waits()).toEqual([480]);
    await world.clock.advance(601_000);
    await world.tenants.addWaiting('haiku', 'default', -2);
    await world.clock.run(split(world));
    expect(waits()).toEqual([240]);
    expect(await world.batches.read(batchId)).toMatchObject({ cursor: { index: 7 } });
  });

  it('keeps its message, hidden as long, when it can not be sent anew', async () => {
    await acceptedBatch(world, { requests: requests(6) });
    world.queues.refuse('batches', () => true);
    expect(await world.clock.run(split(world))).toBe('again');
    await world.clock.advance(59_000);
    expect(await world.clock.run(split(world))).toBe('no message');
    await world.clock.advance(2000);
    expect(await world.clock.run(split(world))).toBe('again');
  });

  it('hides a message longer, the more often its batch could not be split', async () => {
    await acceptedBatch(world, { requests: requests(3) });
    world.queues.refuse('hold-haiku-normal-express', () => true);
    expect(await world.clock.run(split(world, { receives: 5 }))).toBe('again');
    await world.clock.advance(599_000);
    expect(await world.clock.run(split(world))).toBe('no message');
    await world.clock.advance(2000);
    expect(await world.clock.run(split(world))).toBe('again');
  });

  it('ends what is left as expired once the last of its deadlines has passed', async () => {
    const { batchId, acceptedAtMs } = await acceptedBatch(world, {
      requests: requests(6, { expires_in_seconds: 3600, metadata: { k: 'v' } }),
    });
    await world.clock.run(split(world));
    await world.clock.advance(3_600_000);
    expect(await world.clock.run(split(world))).toBe('done');
    expect(world.queues.bodies('batches')).toEqual([]);
    expect(await viewOf(world, batchId)).toMatchObject({
      status: 'in_progress',
      counts: { total: 6, processing: 4, expired: 2 },
    });
    expect(notifications(world)).toMatchObject([
      { batch_index: 4, status: 'expired', error: { code: 'deadline_passed' }, metadata: { k: 'v' } },
      { batch_index: 5, status: 'expired' },
    ]);
    expect(await world.requests.read(memberId(batchId, 5))).toMatchObject({
      status: 'expired',
      finishedAtMs: acceptedAtMs + 3_600_000,
      errorCode: 'deadline_passed',
    });
    const list = await createListRequests(acceptDepsOf(world))({
      tenant: 'default',
      list: { by: 'attention' },
      limit: 10,
    });
    expect(list.requests).toHaveLength(2);
  });
});

describe('a member that a crash left behind the cursor, of a batch that was canceled then', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld();
  });

  /** Held, but the splitter was killed before it saved its cursor. */
  const heldBehindCursor = async (count: number, fields: object = {}): Promise<string> => {
    const { batchId } = await acceptedBatch(world, { requests: requests(count, fields), priority: 'low' });
    const process = createSimulatedProcess(world.clock);
    const killed: Around = (effect, perform) => {
      if (nameOf(effect) === 'batches.change') process.kill();
      return process.around(effect, perform);
    };
    void split(world, { around: killed, process });
    await settled();
    await world.clock.advance(61_000);
    expect(heldIds(world)).toHaveLength(count);
    return batchId;
  };

  it('is told and counted as it ended, should whoever ended it have died before', async () => {
    const batchId = await heldBehindCursor(2);
    const key = 'results/haiku/2026/01/31/12/seg_1.jsonl';
    const item = await world.requests.read(memberId(batchId, 0));
    if (item === undefined) throw new Error('It is not there.');
    world.requests.put({
      ...item,
      status: 'failed',
      finishedAtMs: world.clock.nowMs(),
      errorCode: 'context_too_long',
      result: { key, offsetBytes: 0, lengthBytes: 10 },
    });
    await createCancelBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
    await splitAll(world);
    expect(await viewOf(world, batchId)).toMatchObject({
      status: 'ended',
      counts: { total: 2, processing: 0, failed: 1, canceled: 1 },
    });
    expect(notifications(world)).toHaveLength(2);
    expect(notifications(world)).toContainEqual(
      expect.objectContaining({ batch_index: 0, status: 'failed', custom_id: 'c0' }),
    );
  });

  it('waits no longer in its tenant’s count', async () => {
    const batchId = await heldBehindCursor(3);
    expect(await world.tenants.readWaiting('haiku', 'default')).toBe(3);
    await createCancelBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
    await splitAll(world);
    expect(await world.tenants.readWaiting('haiku', 'default')).toBe(0);
  });

  it('takes nothing from its tenant’s count when no door had held it', async () => {
    await world.tenants.addWaiting('haiku', 'default', 5);
    const { batchId } = await acceptedBatch(world, { requests: requests(3) });
    await createCancelBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
    world.queues.duplicate('batches');
    await splitAll(world);
    expect(await world.tenants.readWaiting('haiku', 'default')).toBe(5);
  });

  it('is left to its drain while it runs', async () => {
    const batchId = await heldBehindCursor(1);
    const item = await world.requests.read(memberId(batchId, 0));
    if (item === undefined) throw new Error('It is not there.');
    world.requests.put({ ...item, status: 'running', epoch: 1 });
    await createCancelBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
    await splitAll(world);
    expect(await viewOf(world, batchId)).toMatchObject({ counts: { processing: 1, canceled: 0 } });
    expect(notifications(world)).toEqual([]);
  });

  it('has its own priority where it names one, and that of its batch where not', async () => {
    const { batchId } = await acceptedBatch(world, {
      requests: [{ prompt: 'a', priority: 'high' }, { prompt: 'b' }],
      priority: 'low',
    });
    await createCancelBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
    await splitAll(world);
    expect(notifications(world)).toMatchObject([{ priority: 'high' }, { priority: 'low' }]);
    expect(await world.requests.read(memberId(batchId, 0))).toMatchObject({ priority: 'high' });
  });
});
