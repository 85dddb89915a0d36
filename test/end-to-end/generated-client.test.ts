import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Answer,
  type Call,
  type GeneratedClient,
  generateClient,
  type OpenApiDocument,
} from './generated-client.ts';
import { type SmootherProcess, startSmoother } from './smoother-process.ts';

const UNKNOWN = 'req_00000000000000000000000000';

describe('a client generated from the OpenAPI document', () => {
  let dataDir: string;
  let smoother: SmootherProcess;
  let client: GeneratedClient;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'smoother-client-'));
    smoother = await startSmoother({ args: ['--data', dataDir, '--simulator', 'latency_scale=0.05'] });
    const document = (await (await fetch(`${smoother.ready.api}/openapi.json`)).json()) as OpenApiDocument;
    client = generateClient(document, smoother.ready.api);
  }, 60_000);

  afterAll(async () => {
    smoother.signal('SIGTERM');
    await smoother.ended();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }, 60_000);

  const call = (operation: string, given: Call = {}): Promise<Answer> => {
    const run = client[operation];
    if (run === undefined) throw new Error(`there is no ${operation}`);
    return run(given);
  };

  it('submits, waits for the answer and finds it in the lists', async () => {
    const body = { prompt: 'hello there', max_tokens: 20, custom_id: 'order-17' };
    const submitted = await call('submitRequest', { body, parameters: { 'Idempotency-Key': 'k-1' } });
    expect(submitted.status).toBe(202);
    const id = String(submitted.body.request_id);
    const read = await call('readRequest', { parameters: { id, wait: 25 } });
    expect(read.body).toMatchObject({ status: 'succeeded', custom_id: 'order-17' });
    expect(read.headers.get('preference-applied')).toBe('wait=25');
    const replayed = await call('submitRequest', { body, parameters: { 'Idempotency-Key': 'k-1' } });
    expect(replayed.body.content).toBe(read.body.content);
    const listed = await call('listRequests', { parameters: { custom_id: 'order-17' } });
    expect(listed.body.requests).toMatchObject([{ request_id: id, status: 'succeeded' }]);
    expect((await call('listRequests', { parameters: { needs_attention: 'true' } })).body.requests).toEqual(
      [],
    );
  }, 60_000);

  it('cancels what is to run later, and leaves what has ended as it is', async () => {
    const notBefore = new Date(Date.now() + 3_600_000).toISOString();
    const { body } = await call('submitRequest', { body: { prompt: 'x', not_before: notBefore } });
    expect(body.waiting_for).toBe('not_before');
    const id = String(body.request_id);
    expect((await call('cancelRequest', { parameters: { id } })).body.status).toBe('canceled');
    expect((await call('cancelRequest', { parameters: { id } })).status).toBe(200);
  }, 60_000);

  it('estimates, and reads quotas and health', async () => {
    const one = await call('estimateRequests', { body: { prompt: 'x', max_tokens: 10 } });
    expect(one.body).toMatchObject({ pool: 'haiku', max_tokens: 10 });
    const many = await call('estimateRequests', { body: { requests: [{ prompt: 'x' }, { prompt: 'y' }] } });
    expect(many.body.requests).toBe(2);
    expect((await call('readQuota')).body.pools).toMatchObject([{ pool: 'haiku' }]);
    expect((await call('health', { parameters: { deep: 1 } })).body.status).toBe('ok');
    expect((await call('openapi')).body.openapi).toBe('3.1.0');
  }, 60_000);

  it.each([
    ['submitRequest', { body: { promt: 'x' } }, 422],
    ['estimateRequests', { body: [] }, 422],
    ['readRequest', { parameters: { id: UNKNOWN } }, 404],
    ['readRequest', { parameters: { id: UNKNOWN, wait: 'soon' } }, 422],
    ['cancelRequest', { parameters: { id: UNKNOWN } }, 404],
    ['listRequests', { parameters: { limit: 0 } }, 422],
  ] as const)('gets from %s with %j the described answer %i', async (operation, given, status) => {
    expect((await call(operation, given)).status).toBe(status);
  });
});
