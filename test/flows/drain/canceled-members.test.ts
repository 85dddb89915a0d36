import { createCancelBatch } from '../../../shared/flows/batches/cancel-batch.ts';
import { type Around, failing, firstCalls, nameOf, recordInto } from '../../fakes/interpose.ts';
import { throttle } from '../../fakes/scripted-model.ts';
import { acceptDepsOf, createWorld, type World, type WorldOptions } from '../../fakes/world.ts';
import {
  acceptedBatch,
  type Body,
  linesOf,
  memberId,
  split,
  splitAll,
  startedUpload,
} from '../batches/batches.ts';
import { acceptPrompts } from '../submissions.ts';
import { drain, itemOf, notifications, startDrain, waitingInLanes } from './drains.ts';

const BANDS = ['express', 'bulk-0', 'bulk-1'];
const LONG_MS = 120_000;
const LONG = { max_tokens: 1500 };

/** One call at a time; the prompt `long` is answered after two minutes. */
const oneAtATime = ({ settings = {}, model = {} }: WorldOptions = {}): World =>
  createWorld({
    settings: { max_concurrent_executions: 1, ...settings },
    model: { latencyMs: (prompt) => (prompt === 'long' ? LONG_MS : 1000), ...model },
  });

const heldBatch = async (world: World, count: number, fields: Body = {}): Promise<string> => {
  const { batchId } = await acceptedBatch(world, {
    requests: Array.from({ length: count }, (_, index) => ({
      prompt: `p${index}`,
      max_tokens: 100,
      ...fields,
    })),
  });
  await splitAll(world);
  return batchId;
};

const cancelBatch = (world: World, batchId: string) =>
  createCancelBatch(acceptDepsOf(world))({ batchId, tenant: 'default' });

const statusesOf = (world: World): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { status } of world.requests.all()) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

/** A drain with one call under way, and the members of a batch in hand behind it. */
const withMembersInHand = async (world: World, count: number, around?: Around): Promise<string> => {
  await acceptPrompts(world, ['long'], LONG);
  void startDrain(world, around === undefined ? {} : { around });
  await world.clock.advance(500);
  const batchId = await heldBatch(world, count);
  await world.clock.advance(4000);
  return batchId;
};

describe('members of a canceled batch that a drain has in hand', () => {
  it('end with the next heartbeat, though their turn would come much later', async () => {
    const world = oneAtATime();
    const names: string[] = [];
    const batchId = await withMembersInHand(world, 15, recordInto(names));
    expect(world.queues.hidden('hold-haiku-normal-express')).toBe(16);
    await cancelBatch(world, batchId);
    await world.clock.advance(4000);
    expect(statusesOf(world)).toEqual({ running: 1, canceled: 15 });
    expect(waitingInLanes(world)).toBe(1);
    expect(names.filter((name) => name === 'requests.claim')).toHaveLength(1);
    expect(notifications(world)).toHaveLength(15);
    expect(itemOf(world, memberId(batchId, 7))).toMatchObject({ attempts: 0, errorCode: 'canceled' });
  });

  it('keep the attempts that an earlier owner made', async () => {
    const world = oneAtATime();
    const batchId = await withMembersInHand(world, 3);
    const id = memberId(batchId, 1);
    const attemptLog = [{ epoch: 0, startedAtMs: 5, outcome: 'service_fault' as const }];
    world.requests.put({ ...itemOf(world, id), attempts: 1, serviceFaults: 1, attemptLog });
    await cancelBatch(world, batchId);
    await world.clock.advance(4000);
    expect(itemOf(world, id)).toMatchObject({ status: 'canceled', attempts: 1, attemptLog });
  });

  it('are left to who runs them, or told as they ended, when that is elsewhere', async () => {
    const world = oneAtATime();
    const batchId = await withMembersInHand(world, 2);
    const [runs, ended] = [memberId(batchId, 0), memberId(batchId, 1)];
    const untilMs = world.clock.nowMs() + 600_000;
    world.requests.put({
      ...itemOf(world, runs),
      status: 'running',
      claims: 1,
      epoch: 99,
      attempts: 1,
      attemptUntilMs: untilMs,
    });
    world.requests.put({ ...itemOf(world, ended), status: 'succeeded', finishedAtMs: world.clock.nowMs() });
    await cancelBatch(world, batchId);
    await world.clock.advance(8000);
    expect([runs, ended].map((id) => itemOf(world, id).status)).toEqual(['running', 'succeeded']);
    expect(notifications(world)).toEqual([]);
    expect(world.queues.bodies('hold-haiku-normal-express')).toHaveLength(3);
  });

  it('end once when one is claimed while its state is read', async () => {
    const world = oneAtATime({ model: { latencyMs: (prompt) => (prompt === 'long' ? 9000 : 1000) } });
    const slowReads: Around = async (effect, perform) => {
      const read = await perform();
      if (nameOf(effect) === 'requests.read') await world.clock.sleep(4000);
      return read;
    };
    const batchId = await withMembersInHand(world, 3, slowReads);
    await cancelBatch(world, batchId);
    await world.clock.advance(30_000);
    expect(statusesOf(world)).toEqual({ succeeded: 1, canceled: 3 });
    expect(notifications(world)).toHaveLength(4);
    expect(world.model.prompts()).toEqual(['long']);
    expect(waitingInLanes(world)).toBe(0);
  });

  it('end between two attempts, with the one that was made', async () => {
    const world = oneAtATime({
      model: { latencyMs: () => 100, script: ({ prompt }) => (prompt === 'p0' ? throttle : undefined) },
    });
    const batchId = await heldBatch(world, 1);
    void startDrain(world);
    await world.clock.advance(1000);
    expect(itemOf(world, memberId(batchId, 0)).status).toBe('running');
    await cancelBatch(world, batchId);
    await world.clock.advance(4000);
    expect(itemOf(world, memberId(batchId, 0))).toMatchObject({ status: 'canceled', attempts: 0 });
    expect(notifications(world)).toMatchObject([{ status: 'canceled', attempts: 0 }]);
    expect(waitingInLanes(world)).toBe(0);
  });

  it('end as soon as the first of them is claimed and learns of it, without a claim of their own', async () => {
    const world = oneAtATime({ model: { latencyMs: () => 1000 } });
    const names: string[] = [];
    const recordClaims: Around = async (effect, perform) => {
      if (nameOf(effect) === 'requests.claim') names.push('claim');
      return perform();
    };
    const batchId = await heldBatch(world, 18);
    void startDrain(world, { around: recordClaims });
    // Shortly after a heartbeat, with more than two seconds to the next.
    await world.clock.advance(3100);
    await cancelBatch(world, batchId);
    const claims = names.length;
    await world.clock.advance(2400);
    const { queued = 0, running = 0 } = statusesOf(world);
    expect(queued + running).toBe(0);
    expect(names.length - claims).toBeLessThanOrEqual(2);
  });

  it('end when they come from their lanes later, with no further look at their batch', async () => {
    const world = oneAtATime({ settings: { queue_depth_threshold: 10 } });
    const names: string[] = [];
    const batchId = await withMembersInHand(world, 18, recordInto(names));
    expect(world.queues.hidden('hold-haiku-normal-express')).toBeLessThan(12);
    await cancelBatch(world, batchId);
    await world.clock.advance(3500);
    expect(statusesOf(world)).toEqual({ running: 1, canceled: 18 });
    names.length = 0;
    world.queues.duplicate('hold-haiku-normal-express');
    await world.clock.advance(10_000);
    expect(names.filter((name) => name === 'batches.read')).toEqual([]);
  });

  it('end in rounds when they are thousands, with twenty reads at once', async () => {
    const world = oneAtATime({ settings: { queue_depth_threshold: 10_000 } });
    let reading = 0;
    let most = 0;
    const countReads: Around = async (effect, perform) => {
      if (nameOf(effect) !== 'requests.read') return perform();
      reading += 1;
      most = Math.max(most, reading);
      await world.clock.sleep(20);
      reading -= 1;
      return perform();
    };
    await acceptPrompts(world, ['long'], LONG);
    void startDrain(world, { around: countReads });
    const { batchId } = await startedUpload(world, linesOf(2200));
    await world.clock.run(split(world, { chunkMembers: 550 }));
    await world.clock.advance(30_000);
    expect(BANDS.reduce((sum, band) => sum + world.queues.hidden(`hold-haiku-normal-${band}`), 0)).toBe(2201);
    most = 0;
    await cancelBatch(world, batchId);
    await world.clock.advance(12_000);
    expect(statusesOf(world)).toEqual({ running: 1, canceled: 2200 });
    expect(most).toBe(20);
    expect(new Set(notifications(world).map(({ request_id }) => request_id)).size).toBe(2200);
    expect(notifications(world)).toHaveLength(2200);
  });

  it('are asked for again when their state could not be read', async () => {
    const world = oneAtATime();
    const batchId = await withMembersInHand(world, 3, failing(firstCalls('requests.read', 3)));
    await cancelBatch(world, batchId);
    await world.clock.advance(8000);
    expect(statusesOf(world)).toEqual({ running: 1, canceled: 3 });
    expect(world.telemetry.troubles()).toContain('cancel_not_read');
  });

  it('are asked for by one read for a batch, of fifty batches at most with each heartbeat', async () => {
    const world = oneAtATime({ settings: { queue_depth_threshold: 1000 } });
    const names: string[] = [];
    await acceptPrompts(world, ['long'], LONG);
    void startDrain(world, { around: recordInto(names) });
    await world.clock.advance(500);
    for (let batch = 0; batch < 60; batch += 1) await heldBatch(world, 2, { prompt: `b${batch}` });
    await world.clock.advance(10_000);
    names.length = 0;
    await world.clock.advance(9000);
    expect(names.filter((name) => name === 'pools.heartbeat')).toHaveLength(3);
    expect(names.filter((name) => name === 'batches.read')).toHaveLength(150);
  });

  it('are put back at a hand-over in the midst of it, and end under the next owner', async () => {
    const world = oneAtATime();
    const never: Around = (effect, perform) =>
      nameOf(effect) === 'requests.read' ? new Promise(() => {}) : perform();
    const batchId = await withMembersInHand(world, 5, never);
    await cancelBatch(world, batchId);
    await world.clock.advance(4000);
    await world.clock.advance(300_000);
    await drain(world);
    expect(statusesOf(world)).toEqual({ succeeded: 1, canceled: 5 });
    expect(notifications(world)).toHaveLength(6);
  });
});
