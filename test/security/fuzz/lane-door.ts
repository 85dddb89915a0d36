import fc from 'fast-check';
import { parkedInputKey } from '../../../shared/contract/keys.ts';
import { deadLetterQueue } from '../../../shared/contract/names.ts';
import { encodeHeld, encodeParked } from '../../../shared/core/lane-message.ts';
import { createDrainPool } from '../../../shared/flows/drain/drain-pool.ts';
import { createWorld, drainDepsOf, type World } from '../../fakes/world.ts';
import { acceptPrompts, heldIn, NORMAL_LANE } from '../../flows/submissions.ts';
import { accountsOf, pollutionFault } from './accounts.ts';
import type { Door } from './door.ts';
import { changedValue, hostileText, hostileValue, textOf } from './hostile-values.ts';

interface LaneCase {
  readonly messages: readonly string[];
  /** Lies in the bucket in place of the text of a request that is parked there. */
  readonly parked: string;
}

const POOL = 'haiku';
const LIFE_MS = 900_000;
const STRANGER = 'req_00000000000000000000000000';

const HELD = {
  request_id: STRANGER,
  custom_id: 'x',
  tenant: 'default',
  pool: POOL,
  priority: 'normal',
  accepted_at_ms: 1_769_860_800_000,
  request: { prompt: 'x' },
};

const message: fc.Arbitrary<string> = fc.oneof(
  textOf(changedValue([HELD])),
  textOf(hostileValue),
  hostileText,
  hostileText.map((text) => `parked:${POOL}:${text}`),
  hostileText.map((text) => `z:${Buffer.from(text).toString('base64')}`),
  fc.constant(encodeParked(POOL, STRANGER)),
);

const parked: fc.Arbitrary<string> = fc.oneof(
  textOf(changedValue([HELD])),
  textOf(hostileValue),
  hostileText,
  hostileText.map((text) => `z:${Buffer.from(text).toString('base64')}`),
);

const drain = async (world: World): Promise<void> => {
  const startedAtMs = world.clock.monotonicMs();
  const remainingMs = (): number => startedAtMs + LIFE_MS - world.clock.monotonicMs();
  await world.clock.run(createDrainPool(drainDepsOf(world))({ pool: POOL, isTick: true, remainingMs }));
};

/** Puts the message of a request that was accepted into the bucket, as if it had been too large, and something else there. */
const spoilParked = async (world: World, requestId: string, text: string): Promise<void> => {
  const [receipt] = await world.queues.receive(NORMAL_LANE, { max: 1, waitSeconds: 0 });
  if (receipt === undefined) throw new Error('nothing waits');
  await world.queues.remove([{ queue: NORMAL_LANE, receipt: receipt.receipt }]);
  await world.objects.put(parkedInputKey(POOL, requestId), Buffer.from(text), 'application/json');
  await world.queues.send(NORMAL_LANE, [{ body: encodeParked(POOL, requestId) }]);
};

/** Whatever lies in a lane, what was accepted is answered, and the lane gets empty. */
const check = async ({ messages, parked: text }: LaneCase): Promise<string | undefined> => {
  const world = createWorld();
  const [spoilt = ''] = await acceptPrompts(world, ['spoilt']);
  const sound = heldIn(world, NORMAL_LANE)[0];
  await spoilParked(world, spoilt, sound === undefined || text !== '' ? text : encodeHeld(sound));
  await acceptPrompts(world, ['good']);
  await world.queues.send(
    NORMAL_LANE,
    messages.filter((body) => body !== '').map((body) => ({ body })),
  );
  await drain(world);
  const { open, messages: left } = accountsOf(world);
  if (open > 0 || left > 0) return `${open} requests are open, and ${left} messages are left`;
  const answered = world.requests.all().find(({ requestId }) => requestId !== spoilt);
  if (answered?.status !== 'succeeded') return `the good one beside is ${answered?.status}`;
  const letters = world.queues.bodies(deadLetterQueue(POOL)).length;
  return letters <= messages.length + 1 ? pollutionFault() : `${letters} letters of ${messages.length + 1}`;
};

export const laneDoor: Door<LaneCase> = {
  arbitrary: fc.record({ messages: fc.array(message, { maxLength: 6 }), parked }),
  check,
};
