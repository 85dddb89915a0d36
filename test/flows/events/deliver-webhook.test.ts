import { createHmac } from 'node:crypto';
import { createListDeliveries } from '../../../shared/flows/events/list-deliveries.ts';
import { createNotify, type NotifyDeps } from '../../../shared/flows/events/notify.ts';
import { createReplayDelivery } from '../../../shared/flows/events/replay-delivery.ts';
import { rotateSecrets, secretsInUse, secretsOf } from '../../../shared/flows/events/webhook-secrets.ts';
import { completionEvent, deliveryOf, eventId } from '../../contracts/events.ts';
import { failing, firstCalls, interpose } from '../../fakes/interpose.ts';
import {
  createMemoryDeliveryLog,
  createMemoryWebhookSecrets,
  createRecordedTopic,
  createScriptedReceiver,
} from '../../fakes/memory-events.ts';
import { createMemoryQueues } from '../../fakes/memory-queues.ts';
import { createRecordedTelemetry } from '../../fakes/recorded-telemetry.ts';
import { createRandomBytes } from '../../fakes/sequences.ts';
import { VirtualClock } from '../../fakes/virtual-clock.ts';

const URL_OF_RECEIVER = 'https://hooks.example.com/done?key=hush';
const status = (statusCode: number, retryAfter?: string) =>
  ({ kind: 'answered', statusCode, retryAfter }) as const;

const open = (...answers: Parameters<typeof createScriptedReceiver>) => {
  const clock = new VirtualClock();
  const receiver = createScriptedReceiver(...answers);
  const queues = createMemoryQueues(clock, 360_000);
  const telemetry = createRecordedTelemetry();
  const topic = createRecordedTopic();
  const deps: NotifyDeps = {
    clock,
    sender: receiver,
    queues,
    telemetry,
    topic,
    deliveries: createMemoryDeliveryLog(),
    secrets: createMemoryWebhookSecrets(),
    random: () => 0.5,
    randomBytes: createRandomBytes(),
  };
  /** As the mapping invokes it; answers with how many messages it was given. */
  const invoke = async (queue: string, given: NotifyDeps = deps): Promise<number> => {
    const received = await clock.run(queues.receive(queue, { max: 10, waitSeconds: 0 }));
    const messages = received.map(({ id, receipt, body }) => ({ id, receipt, body: JSON.parse(body) }));
    const outcomes = await createNotify(given)(messages);
    const done = received.filter((_, place) => outcomes[place] === 'done');
    await queues.remove(done.map(({ receipt }) => ({ queue, receipt })));
    return received.length;
  };
  const order = (number: number, more: Readonly<Record<string, unknown>> = {}) =>
    queues.send('webhooks', [
      {
        body: JSON.stringify({
          kind: 'webhook',
          url: URL_OF_RECEIVER,
          event: completionEvent(number),
          ...more,
        }),
      },
    ]);
  const read = () => deps.deliveries.read('acme', eventId(1));
  return { clock, receiver, queues, telemetry, topic, deps, invoke, order, read };
};

describe('a webhook', () => {
  it('is signed with the tenant’s own secret, says what ended, and is listed as delivered', async () => {
    const { receiver, deps, invoke, order, queues, read } = open();
    await order(1);
    await invoke('webhooks');
    const [sent] = receiver.sent;
    expect(JSON.parse(sent?.body ?? '')).toEqual(completionEvent(1));
    expect(sent?.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': eventId(1),
      'webhook-timestamp': '1769860800',
    });
    const { current } = await secretsOf('acme', deps);
    const expected = createHmac('sha256', Buffer.from(current.replace('whsec_', ''), 'base64'))
      .update(`${eventId(1)}.1769860800.${sent?.body}`)
      .digest('base64');
    expect(sent?.headers['webhook-signature']).toBe(`v1,${expected}`);
    expect(await read()).toMatchObject({ status: 'delivered', attempts: 1, last_status_code: 200 });
    expect(queues.bodies('webhooks')).toEqual([]);
  });

  it('comes again with the same id, later each time, until it is taken', async () => {
    const { clock, receiver, invoke, order, read } = open(
      status(500),
      { kind: 'not_answered', fault: 'timed_out' },
      status(302),
    );
    await order(1);
    await invoke('webhooks');
    expect(await read()).toMatchObject({
      status: 'pending',
      attempts: 1,
      last_status_code: 500,
      last_fault: 'bad_status',
      next_attempt_at: '2026-01-31T12:00:05.000Z',
    });
    await clock.advance(4_000);
    expect(await invoke('webhooks')).toBe(0);
    for (const waitMs of [1_000, 30_000, 120_000]) {
      await clock.advance(waitMs);
      expect(await invoke('webhooks')).toBe(1);
    }
    expect(receiver.sent.map(({ headers }) => headers['webhook-id'])).toEqual(Array(4).fill(eventId(1)));
    expect(await read()).toMatchObject({ status: 'delivered', attempts: 4, next_attempt_at: null });
  });

  it('waits as long as a receiver asks that is told too much', async () => {
    const { clock, invoke, order, read } = open(status(429, '300'));
    await order(1);
    await invoke('webhooks');
    await clock.advance(299_000);
    expect(await invoke('webhooks')).toBe(0);
    await clock.advance(1_000);
    await invoke('webhooks');
    expect(await read()).toMatchObject({ status: 'delivered', attempts: 2 });
  });

  it('is given up for good after its last attempt, and the log says so', async () => {
    const { clock, receiver, invoke, order, read, queues } = open(...Array(12).fill(status(503)));
    await order(1);
    for (let attempt = 0; attempt < 12; attempt++) {
      expect(await invoke('webhooks')).toBe(1);
      await clock.advance(21_600_000);
    }
    expect(await invoke('webhooks')).toBe(0);
    expect(receiver.sent).toHaveLength(12);
    expect(queues.bodies('webhooks')).toEqual([]);
    expect(await read()).toMatchObject({ status: 'failed', attempts: 12, last_fault: 'bad_status' });
  });

  it.each([
    ['is gone', status(410), 'gone'],
    [
      'leads to a private address',
      { kind: 'not_answered', fault: 'refused_address' } as const,
      'refused_address',
    ],
  ])('is given up at once where its receiver %s', async (_, answer, fault) => {
    const { invoke, order, read, queues } = open(answer);
    await order(1);
    await invoke('webhooks');
    expect(await read()).toMatchObject({ status: 'failed', attempts: 1, last_fault: fault });
    expect(queues.bodies('webhooks')).toEqual([]);
  });

  it('is not sent again for an event that is told twice', async () => {
    const { clock, receiver, invoke, order } = open(status(500));
    await order(1);
    await order(1);
    await invoke('webhooks');
    // Both were received at once: each may have begun before the other ended.
    const atOnce = receiver.sent.length;
    await clock.advance(600_000);
    while ((await invoke('webhooks')) > 0) await clock.advance(600_000);
    const ended = receiver.sent.length;
    await order(1);
    await invoke('webhooks');
    expect(receiver.sent).toHaveLength(ended);
    expect(atOnce).toBeLessThanOrEqual(2);
  });

  it('is not lost when the log can not be written: it is sent again', async () => {
    const { clock, receiver, deps, invoke, order, read, telemetry } = open();
    const around = failing(firstCalls('deliveries.keep', 1));
    await order(1);
    await invoke('webhooks', { ...deps, deliveries: interpose('deliveries', deps.deliveries, around) });
    expect(await read()).toBeUndefined();
    expect(telemetry.troubles()).toEqual(['webhook_not_attempted']);
    await clock.advance(360_000);
    await invoke('webhooks');
    expect(receiver.sent).toHaveLength(2);
    expect(await read()).toMatchObject({ status: 'delivered' });
  });

  it('leaves neither its address, its secret nor its signature in a log', async () => {
    const { deps, invoke, order, telemetry, receiver } = open(status(500));
    await order(1);
    await invoke('webhooks');
    const { current } = await secretsOf('acme', deps);
    const logged = JSON.stringify(telemetry.events);
    for (const secret of ['hush', current, receiver.sent[0]?.headers['webhook-signature'] ?? '?'])
      expect(logged).not.toContain(secret);
  });
});

describe('a delivery that is ordered anew', () => {
  it('has all its attempts again, and the order before is void', async () => {
    const { clock, receiver, deps, invoke, order, read, queues } = open(status(500));
    await order(1);
    await invoke('webhooks');
    const replay = createReplayDelivery({ ...deps, queues });
    expect(await replay('acme', eventId(1))).toMatchObject({
      kind: 'ordered',
      delivery: { status: 'pending', attempts: 0, replays: 1 },
    });
    await invoke('webhooks');
    expect(await read()).toMatchObject({ status: 'delivered', attempts: 1, replays: 1 });
    await clock.advance(3_600_000);
    expect(await invoke('webhooks')).toBe(1);
    expect(receiver.sent).toHaveLength(2);
    expect(queues.bodies('webhooks')).toEqual([]);
  });

  it('is one of the tenant’s own', async () => {
    const { deps, invoke, order, queues } = open();
    await order(1);
    await invoke('webhooks');
    const replay = createReplayDelivery({ ...deps, queues });
    expect(await replay('other', eventId(1))).toEqual({ kind: 'not_found' });
  });

  it('is not said to be ordered when the queue does not take it', async () => {
    const { deps, invoke, order, queues } = open();
    await order(1);
    await invoke('webhooks');
    queues.refuse('webhooks', () => true);
    const replay = createReplayDelivery({ ...deps, queues });
    expect(await replay('acme', eventId(1))).toEqual({ kind: 'unavailable' });
  });
});

describe('the secret of a tenant', () => {
  it('signs beside its successor for a day', async () => {
    const { deps, clock } = open();
    const before = await secretsOf('acme', deps);
    const after = await rotateSecrets('acme', deps);
    expect(after.current).not.toBe(before.current);
    expect(secretsInUse(after, clock.nowMs())).toEqual([after.current, before.current]);
    expect(secretsInUse(after, clock.nowMs() + 86_400_000)).toEqual([after.current]);
    expect(await secretsOf('other', deps)).not.toEqual(after);
  });

  it('is one, whoever asks for it first', async () => {
    const { deps } = open();
    const [first, second] = await Promise.all([secretsOf('acme', deps), secretsOf('acme', deps)]);
    expect(first).toEqual(second);
  });
});

describe('events for subscribers', () => {
  it('are published together, and come again when the topic does not take them', async () => {
    const { clock, topic, queues, invoke, telemetry } = open();
    const bodies = [1, 2].map((number) => JSON.stringify({ kind: 'event', event: completionEvent(number) }));
    await queues.send('events', [...bodies.map((body) => ({ body })), { body: '{"kind":"other"}' }]);
    topic.refused = true;
    await invoke('events');
    expect(telemetry.troubles()).toEqual(['message_unreadable', 'events_not_published']);
    topic.refused = false;
    await clock.advance(360_000);
    await invoke('events');
    expect(topic.published).toEqual([completionEvent(1), completionEvent(2)]);
    expect(queues.bodies('events')).toEqual(['{"kind":"other"}']);
  });
});

describe('the list of deliveries', () => {
  it('is filtered by request and status, page by page', async () => {
    const { deps } = open();
    for (let number = 1; number <= 250; number++) {
      const fields = number % 100 === 0 ? ({ status: 'failed' } as const) : {};
      await deps.deliveries.keep(deliveryOf(completionEvent(number), fields), 0);
    }
    const list = createListDeliveries(deps);
    const all = { tenant: 'acme', status: undefined, requestId: undefined, before: undefined, most: 20 };
    const failed = await list({ ...all, status: 'failed' });
    expect(failed.deliveries.map(({ event_id }) => event_id)).toEqual([eventId(200), eventId(100)]);
    expect(failed.next).toBeUndefined();
    const page = await list({ ...all, most: 2 });
    expect([page.deliveries.map(({ event_id }) => event_id), page.next]).toEqual([
      [eventId(250), eventId(249)],
      eventId(249),
    ]);
    const one = await list({ ...all, requestId: 'req_00000000000000000000000007' });
    expect(one.deliveries.map(({ event_id }) => event_id)).toEqual([eventId(7)]);
  });
});
