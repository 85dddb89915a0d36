import { createRedrive } from '../../../shared/flows/dead-letters/redrive.ts';
import { type Around, nameOf } from '../../fakes/interpose.ts';
import { createSimulatedProcess } from '../../fakes/simulated-process.ts';
import { acceptDepsOf, type World } from '../../fakes/world.ts';
import { drain, expectAllAnswered, itemOf, notifications, startDrain } from '../drain/drains.ts';
import { acceptPrompts, NORMAL_LANE } from '../submissions.ts';
import { createPatient, killPrompts, redrive } from './dead.ts';

// Minutes of virtual time; a busy machine takes longer than the usual five seconds.
jest.setTimeout(60_000);

/** A drain whose process stands still for good at its first effect of that name, until it is let go on. */
const startFrozenAt = (world: World, name: string) => {
  const process = createSimulatedProcess(world.clock);
  let isFrozen = false;
  const around: Around = (effect, perform) => {
    if (!isFrozen && nameOf(effect) === name) {
      isFrozen = true;
      process.pause();
    }
    return process.around(effect, perform);
  };
  return { outcome: startDrain(world, { around }, process), process, isFrozen: () => isFrozen };
};

const told = (world: World) =>
  notifications(world).map(({ status, generation = 0, content }) => [generation, status, content]);

const UNTIL_ATTEMPTS_END_MS = 60_000;

describe('a drain that slept through the death of a request, and its redrive', () => {
  it('does not end the second life with the answer of the first', async () => {
    const patient = createPatient();
    const { world } = patient;
    patient.isWell = true;
    const [id = ''] = await acceptPrompts(world, ['a']);
    const sleeper = startFrozenAt(world, 'requests.finish');
    await world.clock.advance(UNTIL_ATTEMPTS_END_MS);
    expect(sleeper.isFrozen()).toBe(true);

    patient.isWell = false;
    world.queues.duplicate(NORMAL_LANE);
    await drain(world);
    expect(itemOf(world, id)).toMatchObject({ status: 'failed', errorCode: 'model_access_denied' });
    expect(await redrive(world)).toMatchObject({ reopened: 1 });

    sleeper.process.resume();
    await world.clock.run(sleeper.outcome);
    expect(itemOf(world, id)).toMatchObject({ status: 'queued', generation: 1 });
    patient.isWell = true;
    await world.clock.advance(UNTIL_ATTEMPTS_END_MS);
    await drain(world);
    expect(itemOf(world, id)).toMatchObject({ status: 'succeeded', generation: 1 });
    expect(told(world)).toEqual([
      [0, 'failed', null],
      [1, 'succeeded', 'answer to a'],
    ]);
    expectAllAnswered(world, [id]);
  });

  it('does not tell the end of the second life for the first one’s', async () => {
    const patient = createPatient();
    const { world } = patient;
    patient.isWell = true;
    const [id = ''] = await acceptPrompts(world, ['a']);
    // It finds that another has ended the request, and asks how.
    let finishes = 0;
    const process = createSimulatedProcess(world.clock);
    const around: Around = async (effect, perform) => {
      const name = nameOf(effect);
      if (name === 'requests.finish') {
        finishes += 1;
        if (finishes === 1) process.pause();
      }
      // Between its finish, which came too late, and its look at who was faster.
      if (name === 'requests.read' && finishes > 0) process.pause();
      return process.around(effect, perform);
    };
    const outcome = startDrain(world, { around }, process);
    await world.clock.advance(UNTIL_ATTEMPTS_END_MS);

    patient.isWell = false;
    world.queues.duplicate(NORMAL_LANE);
    await drain(world);
    process.resume();
    await world.clock.advance(1_000);
    expect(await redrive(world)).toMatchObject({ reopened: 1 });
    // What its last receive has brought it is visible again by then.
    await world.clock.advance(UNTIL_ATTEMPTS_END_MS);
    await drain(world);
    expect(itemOf(world, id)).toMatchObject({ status: 'failed', generation: 1 });
    process.resume();
    await world.clock.run(outcome);
    expect(told(world)).toEqual([
      [0, 'failed', null],
      [1, 'failed', null],
    ]);
  });
});

describe('a message of another life of what is in hand', () => {
  /** A second life that is in flight for a minute. */
  const openAgain = async () => {
    const patient = createPatient({ model: { latencyMs: () => (patient.isWell ? 20_000 : 100) } });
    const { world } = patient;
    const [id = ''] = await killPrompts(patient, ['a'], { max_tokens: 2_000 });
    return { patient, world, id };
  };

  it('is removed when it is of the first, and the second goes on', async () => {
    const { patient, world, id } = await openAgain();
    const { lane_message: old } = JSON.parse(world.queues.bodies('dead-letter-haiku')[0] ?? '{}') as {
      readonly lane_message: string;
    };
    await redrive(world);
    patient.isWell = true;
    const outcome = startDrain(world);
    await world.clock.advance(5_000);
    expect(itemOf(world, id)).toMatchObject({ status: 'running', generation: 1 });
    await world.queues.send(NORMAL_LANE, [{ body: old }]);
    await world.clock.advance(5_000);
    // Not one more receipt of the second life: it is gone before that ends.
    expect(world.queues.bodies(NORMAL_LANE)).not.toContain(old);
    await world.clock.run(outcome);
    expectAllAnswered(world, [id]);
  });
});

describe('a redrive that slept through another, and the next death', () => {
  it('does not reopen what it has never seen', async () => {
    const patient = createPatient();
    const { world } = patient;
    const [id = ''] = await killPrompts(patient, ['a']);
    const process = createSimulatedProcess(world.clock);
    const around: Around = (effect, perform) => {
      if (nameOf(effect) === 'reopener.reopen') process.pause();
      return process.around(effect, perform);
    };
    const sleeper = createRedrive(acceptDepsOf(world, around))({ why: 'it is mended' }, 'anybody');
    await redrive(world);
    await drain(world);
    expect(itemOf(world, id)).toMatchObject({ status: 'failed', generation: 1 });

    process.resume();
    expect(await world.clock.run(sleeper)).toMatchObject({
      answer: { reopened: 0, faults: [{ code: 'not_reopenable' }] },
    });
    expect(itemOf(world, id)).toMatchObject({
      status: 'failed',
      generation: 1,
      earlier: [{ generation: 0 }],
    });
  });
});
