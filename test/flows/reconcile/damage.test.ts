import { limit } from '../../../shared/contract/limits.ts';
import { START_MS } from '../../fakes/virtual-clock.ts';
import { createWorld, type World } from '../../fakes/world.ts';
import { acceptedBatch, linesOf, memberId, splitAll, startedUpload } from '../batches/batches.ts';
import { drain, itemOf, notifications, waitingInLanes } from '../drain/drains.ts';
import { acceptPrompts } from '../submissions.ts';
import { DAY_MS, HOUR_MS, healed, reconcile } from './reconciling.ts';

/** As if somebody had purged the queue: the state items stay. */
const purge = async (world: World, queue: string): Promise<void> => {
  await world.clock.advance(60_000);
  for (;;) {
    const messages = await world.queues.receive(queue, { max: 10, waitSeconds: 0 });
    if (messages.length === 0) return;
    await world.queues.remove(messages.map(({ receipt }) => ({ queue, receipt })));
  }
};

const LANE = 'hold-haiku-normal-express';

describe('the reconciler', () => {
  let world: World;
  beforeEach(() => {
    world = createWorld();
  });

  it('ends a request whose lane message is lost as expired, once its deadline is an hour past', async () => {
    const [id = ''] = await acceptPrompts(world, ['lost'], { expires_in_seconds: 600 });
    await purge(world, LANE);
    await world.clock.advance(600_001 + HOUR_MS);
    expect(await reconcile(world)).toBe('whole');

    expect(itemOf(world, id)).toMatchObject({ status: 'expired', errorCode: 'deadline_passed', attempts: 0 });
    expect(notifications(world)).toMatchObject([{ request_id: id, status: 'expired' }]);
    expect(await world.tenants.readWaiting('haiku', 'default')).toBe(0);
    expect(world.ledger.entries()).toMatchObject([{ requests: 1, outcomes: { expired: 1 } }]);
    expect(healed(world)).toEqual({ queued_too_long: 1 });
  });

  it('ends one that is older than its lane keeps anything', async () => {
    const [id = ''] = await acceptPrompts(world, ['lost']);
    await purge(world, LANE);
    await world.clock.advance(7 * DAY_MS);
    await reconcile(world);
    expect(limit('max_age_seconds') * 1000).toBeLessThan(7 * DAY_MS);
    expect(itemOf(world, id).status).toBe('expired');
  });

  it('lets one wait again that is said to run an hour after its attempt was over', async () => {
    const [id = ''] = await acceptPrompts(world, ['left']);
    const attemptUntilMs = START_MS + 60_000;
    world.requests.put({
      ...itemOf(world, id),
      status: 'running',
      claims: 1,
      attempts: 1,
      epoch: 7,
      attemptUntilMs,
      attemptLog: [{ epoch: 7, startedAtMs: START_MS }],
    });
    await world.clock.advance(60_001 + HOUR_MS);
    await reconcile(world);
    expect(itemOf(world, id)).toMatchObject({
      status: 'queued',
      attempts: 1,
      attemptLog: [{ epoch: 7, startedAtMs: START_MS, outcome: 'outcome_unknown' }],
    });
    expect(healed(world)).toEqual({ running_without_attempt: 1 });

    // Its lane message was there all the time.
    await drain(world);
    expect(itemOf(world, id)).toMatchObject({ status: 'succeeded', attempts: 2 });
  });

  it('ends one that is said to run when its deadline is past, too', async () => {
    const [id = ''] = await acceptPrompts(world, ['left'], { expires_in_seconds: 600 });
    await purge(world, LANE);
    world.requests.put({
      ...itemOf(world, id),
      status: 'running',
      claims: 1,
      attempts: 1,
      epoch: 7,
      attemptUntilMs: START_MS + 60_000,
      attemptLog: [{ epoch: 7, startedAtMs: START_MS }],
    });
    await world.clock.advance(600_001 + HOUR_MS);
    await reconcile(world);
    expect(itemOf(world, id)).toMatchObject({ status: 'expired', attempts: 1 });
    expect(notifications(world)).toHaveLength(1);
    expect(healed(world)).toEqual({ running_without_attempt: 1 });
  });

  it('leaves nothing for a late lane message to do but to go', async () => {
    const [id = ''] = await acceptPrompts(world, ['late'], { expires_in_seconds: 600 });
    await world.clock.advance(600_001 + HOUR_MS);
    await reconcile(world);
    await drain(world);
    expect(itemOf(world, id).status).toBe('expired');
    expect(new Set(notifications(world).map(({ status }) => status))).toEqual(new Set(['expired']));
    expect(waitingInLanes(world)).toBe(0);
    expect(world.model.calls).toEqual([]);
    expect(await world.tenants.readWaiting('haiku', 'default')).toBe(0);
  });

  describe('of batches', () => {
    const requests = [{ prompt: 'a' }, { prompt: 'b' }, { prompt: 'c' }];

    it('counts members that have ended and were not counted, and ends the batch', async () => {
      const { batchId } = await acceptedBatch(world, { requests });
      await splitAll(world);
      // Whoever counts dies, and the lane messages are lost.
      const { count } = world.batches;
      world.batches.count = async () => {
        throw new Error('injected');
      };
      await world.clock.run(world.clock.sleep(1));
      await drainOnce(world);
      world.batches.count = count;
      await purge(world, LANE);
      expect((await world.batches.read(batchId))?.status).toBe('in_progress');

      await world.clock.advance(2 * HOUR_MS);
      await reconcile(world);
      expect((await world.batches.read(batchId))?.status).toBe('ended');
      expect(healed(world)).toEqual({ batch_miscounted: 3 });
    });

    it('ends a batch of which everything is counted', async () => {
      const { batchId } = await acceptedBatch(world, { requests });
      await splitAll(world);
      const { change } = world.batches;
      world.batches.change = async (id, from, how) => {
        if (how.status === 'ended') throw new Error('injected');
        return change(id, from, how);
      };
      await drainOnce(world);
      world.batches.change = change;
      await purge(world, LANE);
      expect((await world.batches.read(batchId))?.status).toBe('in_progress');

      await world.clock.advance(2 * HOUR_MS);
      await reconcile(world);
      expect((await world.batches.read(batchId))?.status).toBe('ended');
      expect(healed(world)).toEqual({ batch_miscounted: 1 });
    });

    it('ends members that are lost, so that their batch ends', async () => {
      const { batchId } = await acceptedBatch(world, { requests, expires_in_seconds: 600 });
      await splitAll(world);
      await purge(world, LANE);
      await world.clock.advance(600_001 + HOUR_MS);
      await reconcile(world);
      expect((await world.batches.read(batchId))?.status).toBe('ended');
      expect([0, 1, 2].map((index) => itemOf(world, memberId(batchId, index)).status)).toEqual([
        'expired',
        'expired',
        'expired',
      ]);
      expect(healed(world)).toEqual({ queued_too_long: 3 });
    });

    it.each(['in_progress', 'validating'])(
      'sends the work again of one that is %s when its message is lost',
      async (status) => {
        const batch =
          status === 'validating'
            ? await startedUpload(world, linesOf(3))
            : await acceptedBatch(world, { requests });
        expect(batch.status).toBe(status);
        await purge(world, 'batches');
        await world.clock.advance(2 * HOUR_MS);
        await reconcile(world);
        expect(world.queues.bodies('batches')).toEqual([JSON.stringify({ batch_id: batch.batchId })]);
        expect(healed(world)).toEqual({ batch_not_split: 1 });

        await splitAll(world);
        await drain(world);
        expect((await world.batches.read(batch.batchId))?.status).toBe('ended');
      },
    );
  });

  describe('of counts', () => {
    it('sets those to zero that leaked, of a pool in which nothing waits, the second time it sees them', async () => {
      await world.tenants.addWaiting('haiku', 'above', 9);
      await world.tenants.addWaiting('haiku', 'below', -4);
      await reconcile(world);
      expect(await world.tenants.readWaiting('haiku', 'above')).toBe(9);
      expect(healed(world)).toEqual({});

      await world.clock.advance(HOUR_MS);
      expect(await reconcile(world)).toBe('rested');
      expect(world.tenants.all()).toEqual([
        { pool: 'haiku', tenant: 'above', waiting: 0 },
        { pool: 'haiku', tenant: 'below', waiting: 0 },
      ]);
      expect(healed(world)).toEqual({ tenant_miscounted: 2 });
    });

    it('leaves one that has changed since, and those of a pool in which something waits', async () => {
      await world.tenants.addWaiting('haiku', 'changing', 9);
      await world.tenants.addWaiting('haiku', 'leaky', 9);
      await reconcile(world);
      await world.tenants.addWaiting('haiku', 'changing', 1);
      await world.clock.advance(HOUR_MS);
      await reconcile(world);
      expect(healed(world)).toEqual({ tenant_miscounted: 1 });
      expect(await world.tenants.readWaiting('haiku', 'changing')).toBe(10);

      const busy = createWorld();
      await busy.tenants.addWaiting('haiku', 'leaky', 9);
      await reconcile(busy);
      await acceptPrompts(busy, ['waits']);
      await busy.clock.advance(HOUR_MS);
      await reconcile(busy);
      expect(await busy.tenants.readWaiting('haiku', 'leaky')).toBe(9);
    });
  });
});

/** A drain that lives for two minutes only: what cannot be counted keeps it from its end. */
const drainOnce = (world: World) => drain(world, { lifeMs: 120_000 });
