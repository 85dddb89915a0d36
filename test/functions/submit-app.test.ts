import { createSubmitApp } from '../../functions/ingestion/submit-app.ts';
import { failing, nameOf, recordInto } from '../fakes/interpose.ts';
import { acceptDepsOf, createWorld, type World } from '../fakes/world.ts';
import { drain } from '../flows/drain/drains.ts';
import { NORMAL_LANE } from '../flows/submissions.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

describe('the HTTP door for submitting', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld({ settings: { average_request_duration: 2.5 } });
  });

  const post = async (
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
    around?: Parameters<typeof acceptDepsOf>[1],
  ) => {
    const app = createSubmitApp(acceptDepsOf(world, around));
    const response = await app.request('/v1/requests', {
      method: 'POST',
      headers: { ...JSON_TYPE, ...headers },
      body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: (await response.json()) as Readonly<Record<string, unknown>>,
    };
  };

  it('answers 202 with the request, where to find it, and when to look', async () => {
    const { status, headers, body } = await post({ prompt: 'hello', custom_id: 'order-1' });
    expect(status).toBe(202);
    expect(body).toMatchObject({
      request_id: expect.stringMatching(/^req_/),
      custom_id: 'order-1',
      status: 'queued',
      tenant: 'default',
      model: 'model-haiku',
      waiting_for: 'drain',
    });
    expect(headers).toEqual({
      'content-type': 'application/json',
      location: `/v1/requests/${body.request_id}`,
      'retry-after': '4',
      'x-correlation-id': expect.stringMatching(/^[\da-f-]{36}$/),
      'x-request-id': headers['x-correlation-id'],
    });
    expect(world.queues.bodies(NORMAL_LANE)).toHaveLength(1);
  });

  it('lets what comes meanwhile share its lane sends, and answers each with its own', async () => {
    const done: string[] = [];
    const app = createSubmitApp(acceptDepsOf(world, recordInto(done)));
    const answers = await Promise.all(
      Array.from({ length: 22 }, async (_, index) => {
        const body = JSON.stringify({ prompt: 'hello', custom_id: `order-${index}` });
        const response = await app.request('/v1/requests', { method: 'POST', headers: JSON_TYPE, body });
        return ((await response.json()) as { readonly custom_id: string }).custom_id;
      }),
    );
    expect(answers).toEqual(Array.from({ length: 22 }, (_, index) => `order-${index}`));
    expect(done.filter((name) => name === 'requests.create')).toHaveLength(22);
    expect(done.filter((name) => name === 'tenants.addWaiting')).toHaveLength(4);
  });

  it.each(['', '""'])('refuses an empty key in the header, %j, as one in the body', async (key) => {
    expect(await post({ prompt: 'hello' }, { 'idempotency-key': key })).toMatchObject({
      status: 422,
      body: {
        errors: [
          {
            pointer: '/idempotency_key',
            code: 'out_of_range',
            detail: 'in the header `Idempotency-Key` is empty; send a key, or leave the header out',
          },
        ],
      },
    });
    expect(world.queues.bodies(NORMAL_LANE)).toEqual([]);
  });

  it('refuses a packed body, and names the encoding', async () => {
    const packed = Uint8Array.of(0x1f, 0x8b, 0x08);
    expect(await post(packed, { 'content-encoding': 'gzip' })).toMatchObject({
      status: 415,
      body: {
        code: 'unsupported_media_type',
        detail:
          'Content-Encoding is gzip; content encodings are not taken. Send the body as it is, without that header.',
      },
    });
    expect(await post({ prompt: 'x' }, { 'content-encoding': 'identity' })).toMatchObject({ status: 202 });
  });

  it.each([
    ['bare', 'order-7', '"order-7"'],
    ['in quotes', '"order-7"', 'order-7'],
  ])('takes the same key, first %s, for the same request and says so', async (_, first, second) => {
    const original = await post({ prompt: 'hello' }, { 'idempotency-key': first });
    const replayed = await post({ prompt: 'hello' }, { 'idempotency-key': second });
    expect(original.headers).not.toHaveProperty('idempotency-replayed');
    expect(replayed).toMatchObject({
      status: 202,
      headers: { 'idempotency-replayed': 'true', location: original.headers.location },
      body: { request_id: original.body.request_id },
    });
  });

  it('answers a replay of an ended request with its result', async () => {
    await post({ prompt: 'hello' }, { 'idempotency-key': 'k' });
    await drain(world);
    const replayed = await post({ prompt: 'hello' }, { 'idempotency-key': 'k' });
    expect(replayed).toMatchObject({
      status: 202,
      body: { status: 'succeeded', content: 'answer to hello' },
    });
    expect(replayed.headers).not.toHaveProperty('retry-after');
  });

  it('answers 422 to the same key with another body', async () => {
    const first = await post({ prompt: 'hello' }, { 'idempotency-key': 'k' });
    expect(await post({ prompt: 'other' }, { 'idempotency-key': 'k' })).toMatchObject({
      status: 422,
      headers: { 'content-type': 'application/problem+json' },
      body: { code: 'idempotency_conflict', request_id: first.body.request_id, retryable: false },
    });
  });

  it('answers 422 to a key in the header and another in the body, beside all other faults', async () => {
    const answer = await post({ promt: 'x', idempotency_key: 'a' }, { 'idempotency-key': 'b' });
    const errors = answer.body.errors as readonly { readonly pointer: string }[];
    expect(answer.status).toBe(422);
    expect(errors.map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining(['/promt', '/idempotency_key']),
    );
  });

  it('answers 429 above the tenant’s cap, with when to come back; a replay is answered as ever', async () => {
    world = createWorld({
      settings: { average_request_duration: 2.5, tenants: { default: { max_waiting: 1 } } },
    });
    await post({ prompt: 'hello' }, { 'idempotency-key': 'k' });
    expect(await post({ prompt: 'more' })).toMatchObject({
      status: 429,
      headers: { 'content-type': 'application/problem+json', 'retry-after': '3' },
      body: { code: 'too_many_waiting', waiting: 1, max_waiting: 1, retryable: true },
    });
    expect(await post({ prompt: 'hello' }, { 'idempotency-key': 'k' })).toMatchObject({
      status: 202,
      headers: { 'idempotency-replayed': 'true' },
    });
  });

  it('answers 202 to what may not run yet, and says what it waits for', async () => {
    expect(await post({ prompt: 'later', not_before: '2026-01-31T20:00:00Z' })).toMatchObject({
      status: 202,
      body: { status: 'queued', waiting_for: 'not_before' },
    });
  });

  it('answers 422 to a key that is too long', async () => {
    expect(await post({ prompt: 'x' }, { 'idempotency-key': 'k'.repeat(255) })).toMatchObject({
      status: 202,
    });
    expect(await post({ prompt: 'x' }, { 'idempotency-key': 'k'.repeat(256) })).toMatchObject({
      status: 422,
      body: {
        code: 'invalid_request',
        errors: [
          { pointer: '/idempotency_key', code: 'out_of_range', detail: expect.stringContaining('255') },
        ],
      },
    });
  });

  it('answers 422 with every fault', async () => {
    const { status, headers, body } = await post({ prompt: 'x', max_tokens: 0, priority: 'urgent' });
    expect(status).toBe(422);
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json' });
    expect(body).toMatchObject({ type: 'urn:smoother:problem:invalid_request', status: 422 });
    expect((body.errors as readonly { readonly pointer: string }[]).map(({ pointer }) => pointer)).toEqual([
      '/priority',
      '/max_tokens',
    ]);
    expect(world.requests.all()).toEqual([]);
  });

  it('answers 422 to another tenant than the caller’s', async () => {
    expect(await post({ prompt: 'x', tenant: 'somebody' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/tenant', code: 'tenant_mismatch' }] },
    });
  });

  it.each([
    ['cut off', '{"prompt":'],
    ['empty', ''],
    ['not UTF-8', Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
  ])('answers 400 to a body that is %s', async (_, body) => {
    expect(await post(body)).toMatchObject({
      status: 400,
      headers: { 'content-type': 'application/problem+json' },
      body: { code: 'malformed_json', status: 400 },
    });
  });

  it.each([undefined, 'text/plain', 'multipart/form-data'])(
    'answers 415 to the content type %s',
    async (type) => {
      const app = createSubmitApp(acceptDepsOf(world));
      const response = await app.request('/v1/requests', {
        method: 'POST',
        headers: type === undefined ? {} : { 'content-type': type },
        body: Buffer.from('{"prompt":"x"}'),
      });
      expect(response.status).toBe(415);
      expect(await response.json()).toMatchObject({ code: 'unsupported_media_type' });
    },
  );

  it.each(['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/vnd.acme+json'])(
    'takes the content type %s',
    async (type) => {
      expect(await post({ prompt: 'x' }, { 'content-type': type })).toMatchObject({ status: 202 });
    },
  );

  it('answers 413 above 4 MB, and takes what is just below', async () => {
    const around = '{"prompt":""}'.length;
    expect(await post(`{"prompt":"${'x'.repeat(4_194_304 - around)}"}`)).toMatchObject({ status: 202 });
    expect(await post(`{"prompt":"${'x'.repeat(4_194_305 - around)}"}`)).toMatchObject({
      status: 413,
      body: { code: 'request_too_large', detail: expect.stringContaining('4194304') },
    });
  });

  it('answers 422 to what is nested too deep to be walked', async () => {
    const depth = 100_000;
    const body = `{"converse":{"messages":${'['.repeat(depth)}${']'.repeat(depth)}}}`;
    expect(await post(body)).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
  });

  it('answers 404 to what is not there', async () => {
    const response = await createSubmitApp(acceptDepsOf(world)).request('/v1/nothing', { method: 'POST' });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      code: 'not_found',
      detail: expect.stringContaining('/v1/nothing'),
    });
  });

  it('answers 405 with the methods that are allowed', async () => {
    const response = await createSubmitApp(acceptDepsOf(world)).request('/v1/requests', { method: 'DELETE' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST, GET, HEAD');
    expect(await response.json()).toMatchObject({ code: 'method_not_allowed' });
  });

  it('answers 503, to be asked again, when nothing could be made durable', async () => {
    const around = failing((effect) => nameOf(effect) === 'requests.create');
    expect(await post({ prompt: 'x' }, {}, around)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1', 'content-type': 'application/problem+json' },
      body: { code: 'temporarily_unavailable', retryable: true },
    });
  });

  it('answers 500 without a stack trace when something is broken, and logs what', async () => {
    await post({ prompt: 'x' }, { 'idempotency-key': 'k' });
    await drain(world);
    const around = failing((effect) => nameOf(effect) === 'objects.get');
    const { status, body } = await post({ prompt: 'x' }, { 'idempotency-key': 'k' }, around);
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: 'internal_error', instance: expect.stringMatching(/^urn:uuid:/) });
    expect(JSON.stringify(body)).not.toMatch(/injected|\.ts|\bat /);
    expect(world.telemetry.events.at(-1)).toMatchObject({
      level: 'error',
      event: 'request_not_answered',
      fields: { instance: body.instance, error: 'Error: injected into objects.get' },
    });
  });
});
