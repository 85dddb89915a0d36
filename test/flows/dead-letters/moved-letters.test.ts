import type { World } from '../../fakes/world.ts';
import { drain, expectAllAnswered, itemOf, notifications } from '../drain/drains.ts';
import { NORMAL_LANE } from '../submissions.ts';
import { createPatient, killPrompts, redrive } from './dead.ts';

// Minutes of virtual time; a busy machine takes longer than the usual five seconds.
jest.setTimeout(60_000);

const LETTERS = 'dead-letter-haiku';
const PARKED = 'parked-haiku';

/** As SQS does: what lies there goes to another queue; with copies, since it may. */
const moveAll = async (world: World, to: string, copies = 1): Promise<void> => {
  const messages = await world.queues.receive(LETTERS, { max: 10, waitSeconds: 0 });
  for (let copy = 0; copy < copies; copy += 1)
    await world.queues.send(
      to,
      messages.map(({ body }) => ({ body })),
    );
  await world.queues.remove(messages.map(({ receipt }) => ({ queue: LETTERS, receipt })));
};

describe('a dead letter that SQS has moved to a lane', () => {
  it.each([
    ['a lane', NORMAL_LANE],
    ['a lane of another priority', 'hold-haiku-low-bulk-0'],
    ['the parked queue', PARKED],
  ])('is reopened and answered: %s', async (_, queue) => {
    const patient = createPatient();
    const { world } = patient;
    const [id = ''] = await killPrompts(patient, ['a']);
    patient.isWell = true;
    await moveAll(world, queue);
    await drain(world);
    expect(itemOf(world, id)).toMatchObject({ status: 'succeeded', generation: 1, attempts: 1 });
    expect(notifications(world).map(({ status }) => status)).toEqual(['failed', 'succeeded']);
    expect([...world.queues.bodies(queue), ...world.queues.bodies(PARKED)]).toEqual([]);
    expectAllAnswered(world, [id]);
  });

  it('is reopened once, however many copies come', async () => {
    const patient = createPatient();
    const { world } = patient;
    const [id = ''] = await killPrompts(patient, ['a']);
    patient.isWell = true;
    await moveAll(world, NORMAL_LANE, 3);
    await drain(world);
    world.queues.duplicate(NORMAL_LANE);
    await drain(world);
    expect(itemOf(world, id)).toMatchObject({ status: 'succeeded', generation: 1, attempts: 1 });
    expect(world.model.prompts()).toEqual(['a', 'a']);
  });

  it('is of no more use once its request was reopened otherwise', async () => {
    const patient = createPatient();
    const { world } = patient;
    const [id = ''] = await killPrompts(patient, ['a']);
    const [letter = ''] = world.queues.bodies(LETTERS);
    await redrive(world);
    await drain(world);
    expect(itemOf(world, id)).toMatchObject({ status: 'failed', generation: 1 });
    await world.queues.send(NORMAL_LANE, [{ body: letter }]);
    patient.isWell = true;
    await drain(world);
    expect(itemOf(world, id)).toMatchObject({ status: 'failed', generation: 1 });
    expect(world.queues.bodies(NORMAL_LANE)).toEqual([]);
  });

  it('is sent again when whoever reopened it died before he sent it', async () => {
    const patient = createPatient();
    const { world } = patient;
    const [id = ''] = await killPrompts(patient, ['a']);
    patient.isWell = true;
    await moveAll(world, NORMAL_LANE);
    let refusals = 0;
    world.queues.refuse(PARKED, () => {
      refusals += 1;
      return refusals === 1;
    });
    await drain(world);
    expect(itemOf(world, id)).toMatchObject({ status: 'queued', generation: 1 });
    await world.clock.advance(70_000);
    await drain(world);
    expect(itemOf(world, id)).toMatchObject({ status: 'succeeded', generation: 1 });
  });

  it('goes back to the dead letters when nothing is known of it', async () => {
    const patient = createPatient();
    const { world } = patient;
    const [id = ''] = await killPrompts(patient, ['a']);
    world.requests.forget(id);
    await moveAll(world, NORMAL_LANE);
    await drain(world);
    expect(world.queues.bodies(LETTERS)).toHaveLength(1);
    expect(world.telemetry.events.map(({ event }) => event)).toContain('dead_letter_unreadable');
  });

  it('of before generations were counted is one of the first', async () => {
    const patient = createPatient();
    const { world } = patient;
    const [id = ''] = await killPrompts(patient, ['a']);
    const { generation: _, ...letter } = JSON.parse(world.queues.bodies(LETTERS)[0] ?? '');
    patient.isWell = true;
    await world.queues.send(NORMAL_LANE, [{ body: JSON.stringify(letter) }]);
    await drain(world);
    expect(itemOf(world, id)).toMatchObject({ status: 'succeeded', generation: 1 });
  });
});
