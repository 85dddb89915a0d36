import { createSubmitApp } from '../../functions/ingestion/submit-app.ts';
import { createSubmitBatch } from '../../functions/ingestion/submit-batch.ts';
import { uploadKey } from '../../shared/contract/keys.ts';
import type { PoolReport } from '../../shared/contract/pool-report.ts';
import { poolReportOf } from '../fakes/pool-report.ts';
import { acceptDepsOf, createWorld, type World } from '../fakes/world.ts';
import { eventOf } from './sqs-events.ts';

/** Ten requests a second: 39,999 of them are 4,000 seconds. */
const reportOf = (world: World, low: number): PoolReport => {
  const plain = poolReportOf({ at_ms: world.clock.nowMs(), latency_ms: 2000 });
  const dimensions = plain.dimensions.map((dimension) => ({ ...dimension, level: 0, mean_charge: 1000 }));
  return { ...plain, dimensions, lanes: { high: 0, normal: 0, low } };
};

const PROBLEM = { code: 'backlog_too_long', status: 429, eta_seconds: 4002, retry_after_seconds: 400 };

describe('when more waits than can be done in time', () => {
  let world: World;
  let low: number;
  let reads: number;

  beforeEach(() => {
    world = createWorld({ settings: { longest_low_wait_seconds: 3600 } });
    low = 39_999;
    reads = 0;
  });

  const deps = () => ({
    ...acceptDepsOf(world),
    reports: {
      readReport: async () => {
        reads += 1;
        return reportOf(world, low);
      },
    },
  });

  const post = async (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const response = await createSubmitApp(deps()).request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: (await response.json()) as Readonly<Record<string, unknown>>,
    };
  };

  const LOW = { prompt: 'x', priority: 'low', max_tokens: 10 };

  describe('the door over HTTP', () => {
    it('refuses low requests with 429, when they would be answered and when to come again', async () => {
      expect(await post('/v1/requests', LOW)).toMatchObject({
        status: 429,
        headers: { 'content-type': 'application/problem+json', 'retry-after': '400' },
        body: PROBLEM,
      });
      expect(world.requests.all()).toEqual([]);
      expect(world.queues.bodies('hold-haiku-low-express')).toEqual([]);
      expect(await world.tenants.readWaiting('haiku', 'default')).toBe(0);
    });

    it.each(['normal', 'high'])(
      'takes those of priority %s, and does not even ask for them',
      async (priority) => {
        const app = createSubmitBatch(deps());
        await app(eventOf({ ...LOW, priority }));
        expect(reads).toBe(0);
        expect(await post('/v1/requests', { ...LOW, priority })).toMatchObject({ status: 202 });
      },
    );

    it('takes them again once less waits', async () => {
      low = 30_000;
      expect(await post('/v1/requests', LOW)).toMatchObject({ status: 202 });
    });

    it('takes what may not run before long: that is its own wish', async () => {
      low = 0;
      const later = new Date(world.clock.nowMs() + 6 * 3_600_000).toISOString();
      expect(await post('/v1/requests', { ...LOW, not_before: later })).toMatchObject({ status: 202 });
    });

    it('answers a replay of what it took before', async () => {
      low = 0;
      const first = await post('/v1/requests', LOW, { 'idempotency-key': 'k' });
      low = 39_999;
      expect(await post('/v1/requests', LOW, { 'idempotency-key': 'k' })).toMatchObject({
        status: 202,
        headers: { 'idempotency-replayed': 'true' },
        body: { request_id: first.body.request_id },
      });
      expect(await post('/v1/requests', LOW, { 'idempotency-key': 'other' })).toMatchObject({ status: 429 });
    });
  });

  describe('the door of the queue', () => {
    it('answers with the same problem on the results queue, and is done with the message', async () => {
      const message = { ...LOW, custom_id: 'order-1', tenant: 'alpha' };
      expect(await createSubmitBatch(deps())(eventOf(message))).toEqual({ batchItemFailures: [] });
      expect(world.queues.bodies('results').map((body) => JSON.parse(body))).toMatchObject([
        { request_id: null, custom_id: 'order-1', tenant: 'alpha', status: 'failed', error: PROBLEM },
      ]);
      expect(world.requests.all()).toEqual([]);
    });

    it('still takes the second delivery of what it took', async () => {
      low = 0;
      const event = eventOf(LOW);
      await createSubmitBatch(deps())(event);
      low = 39_999;
      expect(await createSubmitBatch(deps())(event)).toEqual({ batchItemFailures: [] });
      expect(world.queues.bodies('results')).toEqual([]);
      expect(world.requests.all()).toHaveLength(1);
    });
  });

  describe('the door of batches', () => {
    it('refuses a batch for the last of its low requests, as a whole', async () => {
      low = 35_998;
      const requests = [{ ...LOW, priority: 'high' }, LOW, LOW];
      expect(await post('/v1/batches', { requests })).toMatchObject({ status: 202 });
      low = 35_999;
      expect(await post('/v1/batches', { requests })).toMatchObject({
        status: 429,
        headers: { 'retry-after': '1' },
        body: { code: 'backlog_too_long' },
      });
      expect(world.batches.all()).toHaveLength(1);
    });

    it('refuses to begin with an upload of low priority, when it is created and when it is started', async () => {
      expect(await post('/v1/batches', { upload: true, priority: 'low' })).toMatchObject({ status: 429 });
      low = 0;
      const { body } = await post('/v1/batches', { upload: true, priority: 'low' });
      const id = String(body.batch_id);
      await world.objects.put(uploadKey(id), Buffer.from('{"prompt":"x"}\n'), 'application/x-ndjson');
      low = 39_999;
      expect(await post(`/v1/batches/${id}/start`, {})).toMatchObject({ status: 429, body: PROBLEM });
      expect(await world.batches.read(id)).toMatchObject({ status: 'awaiting_upload' });
      low = 0;
      expect(await post(`/v1/batches/${id}/start`, {})).toMatchObject({ status: 202 });
    });
  });
});
