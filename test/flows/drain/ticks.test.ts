import { type Around, nameOf } from '../../fakes/interpose.ts';
import { createWorld } from '../../fakes/world.ts';
import { LOW_LANE } from '../submissions.ts';
import { acceptInto, drain, expectAllAnswered } from './drains.ts';

const counting = (calls: Record<string, number>): Around => {
  return (effect, perform) => {
    const name = nameOf(effect);
    calls[name] = (calls[name] ?? 0) + 1;
    return perform();
  };
};

describe('a tick of the clock', () => {
  it('takes no lease and receives nothing while the queues of its pool are empty', async () => {
    const world = createWorld();
    const calls: Record<string, number> = {};

    expect(await drain(world, { isTick: true, around: counting(calls) })).toEqual({ kind: 'not_needed' });
    expect(calls).toEqual({ 'queues.depth': 10 });
  });

  it('drains what waits', async () => {
    const world = createWorld();
    const ids = await acceptInto(world, LOW_LANE, ['one']);

    expect(await drain(world, { isTick: true })).toMatchObject({ kind: 'worked', finished: 1 });
    expectAllAnswered(world, ids);
  });

  it('looks after what is hidden, for its drain may have died', async () => {
    const world = createWorld();
    const ids = await acceptInto(world, LOW_LANE, ['one']);
    await world.clock.run(world.queues.receive(LOW_LANE, { max: 10, waitSeconds: 0 }));

    expect(await drain(world, { isTick: true })).toMatchObject({ kind: 'worked' });
    await world.clock.advance(60_000);
    await drain(world, { isTick: true });
    expectAllAnswered(world, ids);
  });
});
