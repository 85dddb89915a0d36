import type { NotificationWork } from '../../../shared/contract/events.ts';
import { cancelQueued } from '../../../shared/flows/cancel-queued.ts';
import { type Around, failing, firstCalls } from '../../fakes/interpose.ts';
import { acceptDepsOf, createWorld, type World } from '../../fakes/world.ts';
import { acceptedBatch, splitAll } from '../batches/batches.ts';
import { drain, notifications } from '../drain/drains.ts';
import { accept, acceptedItem, overHttp } from '../submissions.ts';

const TELLING = { completion_events: ['sns'], webhooks: 'on' };
const CALLBACK = 'https://hooks.example.com/done';

const worksIn = (world: World, queue: 'events' | 'webhooks'): readonly NotificationWork[] =>
  world.queues.bodies(queue).map((body) => JSON.parse(body) as NotificationWork);

describe('what ends', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld({ settings: TELLING });
  });

  it('is told to subscribers, and to the address that it named, without a word of it', async () => {
    const item = await acceptedItem(
      world,
      overHttp({ prompt: 'zebra', max_tokens: 10, custom_id: 'a-1', callback_url: CALLBACK }),
    );
    await drain(world);
    const event = {
      id: expect.stringMatching(/^evt_[0-9A-Z]{26}$/),
      type: 'request.succeeded',
      timestamp: expect.stringMatching(/^2026-01-31T12:/),
      data: {
        request_id: item.requestId,
        batch_id: null,
        custom_id: 'a-1',
        tenant: 'default',
        status: 'succeeded',
        pool: 'haiku',
        priority: 'normal',
        generation: 0,
        error_code: null,
      },
    };
    expect(worksIn(world, 'events')).toEqual([{ kind: 'event', event }]);
    expect(worksIn(world, 'webhooks')).toEqual([{ kind: 'webhook', url: CALLBACK, event }]);
    expect(world.queues.bodies('events').join()).not.toMatch(/zebra|content/);
  });

  it('is told to nobody who is not there', async () => {
    world = createWorld();
    await acceptedItem(world, overHttp({ prompt: 'a', max_tokens: 10 }));
    await drain(world);
    expect(notifications(world)).toHaveLength(1);
    expect([...worksIn(world, 'events'), ...worksIn(world, 'webhooks')]).toEqual([]);
  });

  it('is told when it was canceled, by the address in its item', async () => {
    const item = await acceptedItem(world, overHttp({ prompt: 'a', max_tokens: 10, callback_url: CALLBACK }));
    await cancelQueued(item, acceptDepsOf(world));
    expect(worksIn(world, 'webhooks')).toMatchObject([
      { url: CALLBACK, event: { type: 'request.canceled', data: { error_code: 'canceled' } } },
    ]);
  });

  it.each(['events', 'webhooks'])(
    'is told again, as the same event, when the queue %s does not take it',
    async (queue) => {
      await acceptedItem(world, overHttp({ prompt: 'a', max_tokens: 10, callback_url: CALLBACK }));
      let refusals = 0;
      world.queues.refuse(queue, () => {
        refusals += 1;
        return refusals === 1;
      });
      await drain(world);
      expect(worksIn(world, queue as 'events')).toHaveLength(1);
      const ids = [...worksIn(world, 'events'), ...worksIn(world, 'webhooks')].map(({ event }) => event.id);
      expect(new Set(ids).size).toBe(1);
      expect(ids.length).toBeGreaterThanOrEqual(2);
    },
  );

  it('is told, too, when it is a batch', async () => {
    const { batchId } = await acceptedBatch(world, {
      callback_url: CALLBACK,
      custom_id: 'nightly',
      requests: [
        { prompt: 'a', max_tokens: 10 },
        { prompt: 'b', max_tokens: 10, callback_url: `${CALLBACK}/b` },
      ],
    });
    await splitAll(world);
    await drain(world);
    expect(worksIn(world, 'events').map(({ event }) => event.type)).toEqual([
      'request.succeeded',
      'request.succeeded',
      'batch.ended',
    ]);
    const calls = worksIn(world, 'webhooks');
    expect(calls.map((work) => work.kind === 'webhook' && work.url)).toEqual([`${CALLBACK}/b`, CALLBACK]);
    expect(calls[1]?.event.data).toMatchObject({
      request_id: null,
      batch_id: batchId,
      custom_id: 'nightly',
      status: 'ended',
    });
  });

  it('is told of a batch though whoever ended it died before that was written down', async () => {
    await acceptedBatch(world, { callback_url: CALLBACK, requests: [{ prompt: 'a', max_tokens: 10 }] });
    await splitAll(world);
    const around: Around = failing(firstCalls('batches.change', 1));
    await drain(world, { around });
    const calls = worksIn(world, 'webhooks').map(({ event }) => event);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(1);
    expect(calls.map(({ type }) => type)).toContain('batch.ended');
    expect(world.batches.all().map(({ status }) => status)).toEqual(['ended']);
  });
});

describe('an address to be told', () => {
  it.each([
    ['off', CALLBACK, 'is not allowed while the setting `webhooks` is `off`; leave it out, or poll'],
    ['on', 'https://169.254.169.254/', 'must not be a private or local address'],
    ['on', 'http://127.0.0.1:1/', 'must begin with https://, not http:'],
  ])('is refused at the door with webhooks %s: %s', async (webhooks, callback_url, detail) => {
    const world = createWorld({ settings: { webhooks } });
    const [acceptance] = await accept(world, [overHttp({ prompt: 'a', callback_url })]);
    if (acceptance?.kind !== 'refused') throw new Error(acceptance?.kind);
    expect(acceptance.problem.errors).toEqual([{ pointer: '/callback_url', code: 'invalid_value', detail }]);
  });
});
