import { createHandler as createIngestion, handler as ingestion } from '../../functions/ingestion/handler.ts';
import {
  createHandler as createPrioritization,
  handler as prioritization,
} from '../../functions/prioritization/handler.ts';
import { createHandler as createQuery, handler as query } from '../../functions/query/handler.ts';
import type { Host } from '../../functions/runtime/compose.ts';
import { type EmbeddedCloud, startEmbeddedCloud } from '../adapters/embedded-cloud.ts';
import { contextOf, httpEventOf } from './lambda-events.ts';
import { eventOf } from './sqs-events.ts';

const SETTINGS = '{"models":{"haiku":{"model_id":"m","quota":{"tokens_per_minute":1000}}}}';

interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

describe('the handlers', () => {
  describe('without their environment', () => {
    const invocations: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['ingestion', async () => ingestion(eventOf({ prompt: 'x' }), contextOf())],
      ['query', async () => query(httpEventOf('GET', '/health'), contextOf())],
      ['prioritization', async () => prioritization(eventOf({ pool: 'haiku' }), contextOf())],
    ];

    it.each(invocations)('fail the invocation of %s and name what is missing', async (_, invoke) => {
      await expect(invoke()).rejects.toThrow(
        /^the configuration has \d faults: SMOOTHER_SETTINGS is not set; /,
      );
      await expect(invoke()).rejects.toThrow('AWS_REGION is not set');
    });
  });

  describe('on a cloud', () => {
    let cloud: EmbeddedCloud;
    let lines: string[];
    let host: Host;

    beforeAll(async () => {
      cloud = await startEmbeddedCloud();
    });

    afterAll(() => cloud.stop());

    beforeEach(() => {
      lines = [];
      host = {
        env: {
          AWS_REGION: 'us-east-1',
          SMOOTHER_SETTINGS: SETTINGS,
          SMOOTHER_QUEUE_URL_PREFIX: cloud.urlPrefix,
          SMOOTHER_REQUESTS_TABLE: cloud.requestsTable,
          SMOOTHER_REPORTING_TABLE: cloud.reportingTable,
          SMOOTHER_BUCKET: cloud.bucket,
        },
        addresses: { sqs: cloud.address, dynamodb: cloud.address, s3: cloud.address },
        writeLine: (line) => lines.push(line),
      };
    });

    it('take a request by HTTP and show it to its caller', async () => {
      const submitted = (await createIngestion(host)(
        httpEventOf('POST', '/v1/requests', { body: '{"prompt":"hello"}' }),
        contextOf(),
      )) as HttpAnswer;
      expect(submitted.statusCode).toBe(202);
      const { request_id: id } = JSON.parse(submitted.body) as { readonly request_id: string };
      const shown = (await createQuery(host)(
        httpEventOf('GET', `/v1/requests/${id}`),
        contextOf(),
      )) as HttpAnswer;
      expect(shown.statusCode).toBe(200);
      expect(JSON.parse(shown.body)).toMatchObject({ request_id: id, status: 'queued' });
    });

    it('refuse a key that came empty, and accept nothing', async () => {
      const answer = (await createIngestion(host)(
        httpEventOf('POST', '/v1/requests', {
          body: '{"prompt":"hello"}',
          headers: { 'idempotency-key': '' },
        }),
        contextOf(),
      )) as HttpAnswer;
      expect(answer.statusCode).toBe(422);
      expect(JSON.parse(answer.body)).toMatchObject({
        errors: [{ pointer: '/idempotency_key', code: 'out_of_range' }],
      });
    });

    it('take a batch from the queue, and write the metrics of each invocation', async () => {
      const response = await createIngestion(host)(
        eventOf({ prompt: 'a' }, {}, { prompt: 'b' }),
        contextOf(),
      );
      expect(response).toEqual({ batchItemFailures: [] });
      const metrics = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
      expect(metrics).toMatchObject([
        { event: 'request_refused', message_id: 'm-1' },
        { door: 'queue', RequestsAccepted: 2 },
        { door: 'queue', RequestsRefused: 1 },
      ]);
    });

    it('are done with a wake that is unreadable, or names no pool that is configured', async () => {
      const wakes = eventOf('not json', { pool: 7 }, { pool: 'unknown' });
      expect(await createPrioritization(host)(wakes, contextOf())).toEqual({ batchItemFailures: [] });
      expect(lines.map((line) => (JSON.parse(line) as { readonly event: string }).event)).toEqual([
        'wake_unreadable',
        'wake_unreadable',
        'unknown_pool',
      ]);
    });
  });
});
