import { createCancelBatch } from '../../../shared/flows/batches/cancel-batch.ts';
import { createCancelRequest } from '../../../shared/flows/cancel-request.ts';
import { createOrderControl } from '../../../shared/flows/controls/order-control.ts';
import { failing, firstCalls } from '../../fakes/interpose.ts';
import { acceptDepsOf, createWorld, drainDepsOf, type World } from '../../fakes/world.ts';
import { acceptedBatch, memberId, splitAll } from '../batches/batches.ts';
import { acceptPrompts } from '../submissions.ts';
import { type DrainOptions, drain, itemOf, startDrain } from './drains.ts';

/** Calls of five minutes, and owners that are followed after one. */
const longWorld = (): World =>
  createWorld({
    settings: {
      minutes_to_process: 1,
      models: { haiku: { model_id: 'm', quota: { tokens_per_minute: 10_000_000 } } },
    },
    model: { latencyMs: () => 300_000 },
  });

const handOver = async (world: World): Promise<void> => {
  await world.clock.advance(62_000);
  void startDrain(world);
  await world.clock.advance(5000);
};

const pause = async (world: World): Promise<void> => {
  await world.clock.advance(5000);
  await createOrderControl(acceptDepsOf(world))({ pool: 'haiku', paused: true, reason: 'a test' }, 'ops');
  await world.clock.advance(5000);
};

const cancelRequest = (world: World, requestId: string) =>
  world.clock.run(
    createCancelRequest({ ...acceptDepsOf(world), ...drainDepsOf(world) })({ requestId, tenant: 'default' }),
  );

const LONG = { max_tokens: 20_000 };

/** A single request, another, and a batch of one, all of them running; the owner then keeps only their calls. */
const runningElsewhere = async (stop: (world: World) => Promise<void>, options?: DrainOptions) => {
  const world = longWorld();
  const [single = '', other = ''] = await acceptPrompts(world, ['single', 'other'], LONG);
  const { batchId } = await acceptedBatch(world, { requests: [{ prompt: 'member', ...LONG }] });
  await splitAll(world);
  const first = startDrain(world, options);
  await stop(world);
  const member = memberId(batchId, 0);
  const statuses = () => [single, other, member].map((id) => itemOf(world, id).status);
  return { world, first, single, batchId, statuses };
};

describe.each([
  ['has handed over', handOver],
  ['has let its pool go, which is paused', pause],
])('an owner that %s', (_, stop) => {
  it('gives up its calls that are canceled then, and no others', async () => {
    const { world, first, single, batchId, statuses } = await runningElsewhere(stop);
    expect(statuses()).toEqual(['running', 'running', 'running']);
    await cancelRequest(world, single);
    await createCancelBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });
    await world.clock.advance(4500);
    expect(statuses()).toEqual(['canceled', 'running', 'canceled']);
    await world.clock.run(first);
    expect(statuses()).toEqual(['canceled', 'succeeded', 'canceled']);
    await drain(world);
    expect(world.model.calls).toHaveLength(3);
  });

  it('looks for them again when they could not be read', async () => {
    const around = failing(firstCalls('board.readCancels', 3));
    const { world, single, statuses } = await runningElsewhere(stop, { around });
    await cancelRequest(world, single);
    await world.clock.advance(12_000);
    expect(statuses()).toEqual(['canceled', 'running', 'running']);
    expect(world.telemetry.troubles()).toContain('cancel_not_read');
  });
});
