import { createCancelWatch } from '../../../shared/flows/batches/cancel-watch.ts';
import { batchItem } from '../../contracts/batch-items.ts';
import { interpose, recordInto } from '../../fakes/interpose.ts';
import { createWorld, type World } from '../../fakes/world.ts';

describe('cancel-watch', () => {
  let world: World;
  let reads: string[];

  const watch = () =>
    createCancelWatch({
      batches: interpose('batches', world.batches, recordInto(reads)),
      clock: world.clock,
    });

  beforeEach(async () => {
    world = createWorld();
    reads = [];
    await world.batches.create(batchItem('bat_1'));
    await world.batches.create(batchItem('bat_2', { cancelInitiatedAtMs: 1_100_000 }));
  });

  it('tells which batch was canceled', async () => {
    const isCanceled = watch();
    expect(await Promise.all(['bat_1', 'bat_2', 'bat_gone'].map(isCanceled))).toEqual([false, true, false]);
  });

  it('reads once a second, however many ask', async () => {
    const isCanceled = watch();
    await Promise.all([isCanceled('bat_1'), isCanceled('bat_1')]);
    await world.clock.run(world.clock.sleep(999));
    await isCanceled('bat_1');
    expect(reads).toHaveLength(1);
  });

  it('notices a cancel after a second', async () => {
    const isCanceled = watch();
    expect(await isCanceled('bat_1')).toBe(false);
    await world.batches.change('bat_1', ['in_progress'], { cancelInitiatedAtMs: 1_200_000 });
    expect(await isCanceled('bat_1')).toBe(false);
    await world.clock.run(world.clock.sleep(1000));
    expect(await isCanceled('bat_1')).toBe(true);
  });
});
