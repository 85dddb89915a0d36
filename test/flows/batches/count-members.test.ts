import type { EndedMember } from '../../../shared/contract/batch-item.ts';
import { countEndedMembers } from '../../../shared/flows/batches/count-members.ts';
import { batchItem, endedMember } from '../../contracts/batch-items.ts';
import { type Around, failing, firstCalls, interpose, nameOf, recordInto } from '../../fakes/interpose.ts';
import { createWorld, type World } from '../../fakes/world.ts';

const RETENTION_SECONDS = 2_592_000;

describe('count-members', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld();
  });

  const count = (members: readonly EndedMember[], around: Around = (_, perform) => perform()) =>
    countEndedMembers(members, {
      batches: interpose('batches', world.batches, around),
      clock: world.clock,
      settings: world.settings,
      queues: world.queues,
      telemetry: world.telemetry,
    });

  const members = (id: string, from: number, to: number, total: number): readonly EndedMember[] =>
    Array.from({ length: to - from }, (_, place) =>
      endedMember(id, from + place, { batch: { id, index: from + place, total } }),
    );

  it('writes once for a flush and a batch, and looks no further while members are left', async () => {
    await world.batches.create(batchItem('bat_1', { total: 100 }));
    await world.batches.create(batchItem('bat_2', { total: 100 }));
    const names: string[] = [];
    const uncounted = await count(
      [...members('bat_1', 0, 50, 100), ...members('bat_2', 0, 50, 100)],
      recordInto(names),
    );
    expect(names).toEqual(['batches.count', 'batches.count']);
    expect(uncounted.size).toBe(0);
    expect(world.batches.all().map(({ status }) => status)).toEqual(['in_progress', 'in_progress']);
  });

  it('ends the batch with its last member, and keeps it for as long as its results', async () => {
    await world.batches.create(batchItem('bat_1', { total: 3 }));
    await count(members('bat_1', 0, 2, 3));
    expect((await world.batches.read('bat_1'))?.status).toBe('in_progress');
    await count(members('bat_1', 2, 3, 3));
    const nowMs = world.clock.nowMs();
    expect(await world.batches.read('bat_1')).toMatchObject({
      status: 'ended',
      endedAtMs: nowMs,
      ttlSeconds: Math.floor(nowMs / 1000) + RETENTION_SECONDS,
    });
  });

  it('ends a batch only when every stretch of it is full', async () => {
    await world.batches.create(batchItem('bat_1', { total: 4002 }));
    await count(members('bat_1', 4000, 4002, 4002));
    await count(members('bat_1', 0, 3999, 4002));
    expect((await world.batches.read('bat_1'))?.status).toBe('in_progress');
    await count(members('bat_1', 3999, 4000, 4002));
    expect((await world.batches.read('bat_1'))?.status).toBe('ended');
  });

  it('ends one that is being canceled too, and touches none that has failed', async () => {
    await world.batches.create(batchItem('bat_1', { total: 1, status: 'canceling' }));
    await world.batches.create(batchItem('bat_2', { total: 1, status: 'failed' }));
    await count([...members('bat_1', 0, 1, 1), ...members('bat_2', 0, 1, 1)]);
    expect(world.batches.all().map(({ status }) => status)).toEqual(['ended', 'failed']);
  });

  it('is told again of the last member after a crash, and ends the batch then', async () => {
    await world.batches.create(batchItem('bat_1', { total: 1 }));
    const around = failing((effect) => nameOf(effect) === 'batches.change');
    const [last] = members('bat_1', 0, 1, 1);
    if (last === undefined) throw new Error('there is one');
    expect(await count([last], around)).toEqual(new Set([last]));
    expect(await count([last])).toEqual(new Set());
    expect((await world.batches.read('bat_1'))?.status).toBe('ended');
    expect(world.telemetry.troubles()).toEqual(['batch_not_counted']);
  });

  it('names those that it could not count, and counts the others', async () => {
    await world.batches.create(batchItem('bat_1', { total: 5000 }));
    const both = [...members('bat_1', 0, 1, 5000), ...members('bat_1', 4000, 4001, 5000)];
    const uncounted = await count(both, failing(firstCalls('batches.count', 1)));
    expect([...uncounted].map(({ batch }) => batch.index)).toEqual([0]);
    expect(await world.batches.tallies('bat_1', 2)).toMatchObject([{ ended: { succeeded: 1 } }]);
  });
});
