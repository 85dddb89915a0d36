import type { SQSBatchResponse } from 'aws-lambda';
import { createSubmitApp } from '../../functions/ingestion/submit-app.ts';
import { createSubmitBatch } from '../../functions/ingestion/submit-batch.ts';
import { decodeLaneMessage } from '../../shared/core/lane-message.ts';
import { type Around, nameOf } from '../fakes/interpose.ts';
import { createSimulatedProcess } from '../fakes/simulated-process.ts';
import { settled } from '../fakes/virtual-clock.ts';
import { acceptDepsOf, createWorld, type World } from '../fakes/world.ts';
import { drain, expectAllAnswered } from '../flows/drain/drains.ts';
import { recordOf } from './sqs-events.ts';

jest.setTimeout(60_000);

type Moment = 'before' | 'after';

const QUEUES = ['hold-haiku-normal-express', 'hold-haiku-normal-bulk-0', 'parked-haiku'];

/** No run of characters repeats, so that compression does not bring it under the limit. */
const HUGE = Array.from({ length: 90_000 }, (_, index) => ((index * 7919) % 99_991).toString(36)).join();

/** One message of every fate; `loader` has more waiting than travel by express. */
const BODIES: Readonly<Record<string, unknown>> = {
  plain: { prompt: 'plain', custom_id: 'plain' },
  keyed: { prompt: 'keyed', custom_id: 'keyed', idempotency_key: 'k' },
  overflow: { prompt: 'overflow', custom_id: 'overflow', tenant: 'loader' },
  huge: { prompt: HUGE, custom_id: 'huge' },
  later: { prompt: 'later', custom_id: 'later', not_before: '2026-01-31T12:10:00Z' },
  faulty: { promt: 'faulty' },
  unreadable: 'not json',
};
const SOUND = ['huge', 'keyed', 'later', 'overflow', 'plain'];

const createScene = async (): Promise<World> => {
  const world = createWorld();
  await world.tenants.addWaiting('haiku', 'loader', 50);
  return world;
};

const deliver = (world: World, messages: readonly string[], around?: Around): Promise<SQSBatchResponse> =>
  createSubmitBatch(acceptDepsOf(world, around))({
    Records: messages.map((id) => {
      const body = BODIES[id];
      return recordOf(id, typeof body === 'string' ? body : JSON.stringify(body));
    }),
  });

const post = (world: World, body: unknown, key: string, around?: Around): Promise<Response> =>
  Promise.resolve(
    createSubmitApp(acceptDepsOf(world, around)).request('/v1/requests', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
    }),
  );

/** Does `act` at the nth effect. */
const atEffect = (
  nth: number,
  act: (perform: () => Promise<unknown>) => Promise<unknown>,
  behind: Around,
): Around => {
  let seen = 0;
  return (effect, perform) => {
    seen += 1;
    return seen === nth ? behind(effect, () => act(perform)) : behind(effect, perform);
  };
};

const crashing = (world: World, nth: number, moment: Moment): Around => {
  const process = createSimulatedProcess(world.clock);
  const kill = async (perform: () => Promise<unknown>): Promise<unknown> => {
    if (moment === 'after') await perform();
    process.kill();
    return undefined;
  };
  return atEffect(nth, kill, process.around);
};

const straight: Around = (_, perform) => perform();

const failingAt = (nth: number, moment: Moment): Around =>
  atEffect(
    nth,
    async (perform) => {
      if (moment === 'after') await perform();
      throw new Error('injected');
    },
    straight,
  );

/** The requests that have a message in some lane, by their custom ids. */
const inLanes = (world: World): ReadonlySet<string> => {
  const ids = QUEUES.flatMap((queue) => world.queues.bodies(queue)).map((body) => {
    const message = decodeLaneMessage(body);
    if (message.kind === 'whole') return message.held.request_id;
    return message.kind === 'parked' ? message.requestId : 'unreadable';
  });
  return new Set(
    world.requests
      .all()
      .filter(({ requestId }) => ids.includes(requestId))
      .map(({ customId }) => customId ?? ''),
  );
};

const customIds = (world: World): readonly (string | null)[] =>
  world.requests
    .all()
    .map(({ customId }) => customId)
    .sort();

const expectAllAccepted = async (world: World, where: string, sound: readonly string[]): Promise<void> => {
  expect([where, customIds(world), [...inLanes(world)].sort()]).toEqual([where, sound, sound]);
  await drain(world);
  await world.clock.advance(600_000);
  await drain(world);
  expectAllAnswered(
    world,
    world.requests.all().map(({ requestId }) => requestId),
  );
};

const effectsOf = async (act: (around: Around) => Promise<unknown>): Promise<readonly string[]> => {
  const names: string[] = [];
  await act((effect, perform) => {
    names.push(nameOf(effect));
    return perform();
  });
  return names;
};

describe('the queue’s door', () => {
  const all = Object.keys(BODIES);
  const countEffects = async () => {
    const world = await createScene();
    return effectsOf((around) => deliver(world, all, around));
  };

  it.each<Moment>(['before', 'after'])(
    'loses nothing, and accepts nothing twice, by a crash just %s any of its effects',
    async (moment) => {
      const effects = await countEffects();
      expect(effects.length).toBeGreaterThan(13);
      for (const [index, name] of effects.entries()) {
        const world = await createScene();
        void deliver(world, all, crashing(world, index + 1, moment));
        await settled();
        const where = `${moment} effect ${index + 1} (${name})`;
        // All messages come again: nobody told SQS that they are done.
        expect([where, await deliver(world, all)]).toEqual([where, { batchItemFailures: [] }]);
        expect(new Set(world.queues.bodies('input-dlq'))).toEqual(new Set(['not json']));
        const refusals = world.queues.bodies('results').map((body) => JSON.parse(body) as unknown);
        expect(refusals.at(-1)).toMatchObject({ message_id: 'faulty', request_id: null });
        await expectAllAccepted(world, where, SOUND);
      }
    },
  );

  it.each<Moment>(['before', 'after'])(
    'is done only with what is durable, when any effect fails %s it was done; the rest comes again',
    async (moment) => {
      const effects = await countEffects();
      for (const [index, name] of effects.entries()) {
        // Queues answer with what they did not take; they never throw.
        if (name === 'queues.send') continue;
        const world = await createScene();
        const { batchItemFailures } = await deliver(world, all, failingAt(index + 1, moment));
        const again = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
        const where = `${moment} effect ${index + 1} (${name})`;
        const done = SOUND.filter((id) => !again.includes(id));
        expect([where, done.filter((id) => !inLanes(world).has(id))]).toEqual([where, []]);
        expect(await deliver(world, again)).toEqual({ batchItemFailures: [] });
        await expectAllAccepted(world, where, SOUND);
      }
    },
  );

  it('is done with exactly those that a lane took, whichever of a batch it did not', async () => {
    const express = ['plain', 'keyed', 'huge'];
    for (let refusedBits = 0; refusedBits < 8; refusedBits += 1) {
      const refused = express.filter((_, index) => (refusedBits >> index) % 2 === 1);
      const world = await createScene();
      const isRefused = (body: string): boolean =>
        refused.some((id) => (id === 'huge' ? body.startsWith('parked:') : body.includes(`"${id}"`)));
      world.queues.refuse('hold-haiku-normal-express', isRefused);
      const { batchItemFailures } = await deliver(world, [...express, 'overflow', 'later']);
      expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(refused);
      world.queues.refuse('hold-haiku-normal-express', () => false);
      expect(await deliver(world, refused)).toEqual({ batchItemFailures: [] });
      await expectAllAccepted(world, `without ${refused.join()}`, SOUND);
    }
  });
});

describe('the HTTP door', () => {
  const fates = ['plain', 'huge', 'later'];

  it.each(fates.flatMap((fate) => [[fate, 'before'] as const, [fate, 'after'] as const]))(
    'accepts %s once when it is asked again after a crash just %s any of its effects',
    async (fate, moment) => {
      const counted = await createScene();
      const effects = await effectsOf((around) => post(counted, BODIES[fate], 'k', around));
      expect(effects.length).toBeGreaterThan(2);
      for (const [index, name] of effects.entries()) {
        const world = await createScene();
        void post(world, BODIES[fate], 'k', crashing(world, index + 1, moment));
        await settled();
        const hadItem = world.requests.all().length === 1;
        const response = await post(world, BODIES[fate], 'k');
        const where = `${moment} effect ${index + 1} (${name})`;
        expect([where, response.status, response.headers.get('idempotency-replayed')]).toEqual([
          where,
          202,
          hadItem ? 'true' : null,
        ]);
        await expectAllAccepted(world, where, [fate]);
      }
    },
  );

  it.each(fates.flatMap((fate) => [[fate, 'before'] as const, [fate, 'after'] as const]))(
    'answers 202 to %s only when it is durable, when any effect fails %s it was done',
    async (fate, moment) => {
      const counted = await createScene();
      const effects = await effectsOf((around) => post(counted, BODIES[fate], 'k', around));
      for (const [index, name] of effects.entries()) {
        if (name === 'queues.send') continue;
        const world = await createScene();
        const response = await post(world, BODIES[fate], 'k', failingAt(index + 1, moment));
        const where = `${moment} effect ${index + 1} (${name})`;
        if (response.status === 202) expect([where, inLanes(world).has(fate)]).toEqual([where, true]);
        else expect([where, response.status]).toEqual([where, 503]);
        expect((await post(world, BODIES[fate], 'k')).status).toBe(202);
        await expectAllAccepted(world, where, [fate]);
      }
    },
  );

  it('answers 503 when its lane did not take the message, and 202 to the next try', async () => {
    const world = await createScene();
    world.queues.refuse('hold-haiku-normal-express', () => true);
    expect((await post(world, BODIES.plain, 'k')).status).toBe(503);
    world.queues.refuse('hold-haiku-normal-express', () => false);
    expect((await post(world, BODIES.plain, 'k')).status).toBe(202);
    await expectAllAccepted(world, 'lane', ['plain']);
  });
});
