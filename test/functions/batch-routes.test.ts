import { createSubmitApp } from '../../functions/ingestion/submit-app.ts';
import { createReadApp } from '../../functions/query/read-app.ts';
import type { Batch } from '../../shared/contract/batch.ts';
import type { Problem } from '../../shared/contract/problem.ts';
import { acceptDepsOf, createWorld, type World } from '../fakes/world.ts';
import { splitAll } from '../flows/batches/batches.ts';
import { drain } from '../flows/drain/drains.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const LINES_TYPE = { 'content-type': 'application/x-ndjson' };

describe('the HTTP doors for batches', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld();
  });

  const answer = async <T>(response: Response) => ({
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: (await response.json()) as T,
  });

  const post = async <T = Batch>(
    path: string,
    body: string | Uint8Array = '',
    headers: Readonly<Record<string, string>> = JSON_TYPE,
  ) => {
    const app = createSubmitApp(acceptDepsOf(world));
    return answer<T>(await app.request(path, { method: 'POST', headers, body: Buffer.from(body) }));
  };

  const get = (path: string): Promise<Response> =>
    Promise.resolve(createReadApp(acceptDepsOf(world)).request(path));

  const TWO = JSON.stringify({ requests: [{ prompt: 'a' }, { prompt: 'b', custom_id: 'b' }] });

  const ended = async (): Promise<string> => {
    const { body } = await post('/v1/batches', TWO);
    await splitAll(world);
    await drain(world);
    return body.batch_id;
  };

  it('answer 202 with the batch and where to find it', async () => {
    const { status, headers, body } = await post('/v1/batches', TWO);
    expect(status).toBe(202);
    expect(headers.location).toBe(`/v1/batches/${body.batch_id}`);
    expect(body).toEqual({
      batch_id: expect.stringMatching(/^bat_[0-9A-Z]{26}$/),
      custom_id: null,
      status: 'in_progress',
      counts: { total: 2, processing: 2, succeeded: 0, failed: 0, canceled: 0, expired: 0 },
      usage: { input_tokens: 0, output_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0 },
      cost_usd: 0,
      created_at: '2026-01-31T12:00:00.000Z',
      expires_at: '2026-02-05T12:00:00.000Z',
      cancel_initiated_at: null,
      ended_at: null,
      results: `/v1/batches/${body.batch_id}/results`,
      error: null,
      metadata: {},
    });
  });

  it('take the same key for the same batch, and say so', async () => {
    const headers = { ...JSON_TYPE, 'idempotency-key': '"k-1"' };
    const first = await post('/v1/batches', TWO, headers);
    const second = await post('/v1/batches', TWO, headers);
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    expect(second).toMatchObject({
      status: 202,
      headers: { 'idempotency-replayed': 'true' },
      body: { batch_id: first.body.batch_id },
    });
    expect(await post('/v1/batches', '{"requests":[{"prompt":"x"}]}', headers)).toMatchObject({
      status: 422,
    });
  });

  it('take one request a line, with the rest in the query', async () => {
    const lines = '{"prompt":"a"}\r\n\n{"prompt":"b"}';
    const path = '/v1/batches?custom_id=nightly&priority=high&expires_in_seconds=60';
    const { status, body } = await post(path, lines, LINES_TYPE);
    expect(status).toBe(202);
    expect(body).toMatchObject({
      custom_id: 'nightly',
      counts: { total: 2 },
      expires_at: '2026-01-31T12:01:00.000Z',
    });
    await splitAll(world);
    expect(world.queues.bodies('hold-haiku-high-express')).toHaveLength(2);
  });

  it('name faults of lines by their line, and those of the query by their name', async () => {
    const lines =
      '{"prompt":"a","custom_id":"x"}\n\n{"promt":"b"}\nnonsense\n{"prompt":"c","custom_id":"x"}\n';
    const { status, body } = await post<Problem>('/v1/batches?colour=red', lines, LINES_TYPE);
    expect(status).toBe(422);
    expect(body).toMatchObject({
      detail: '5 faults in 3 of 4 requests; nothing was accepted.',
      errors: [
        { parameter: 'colour', code: 'unknown_field' },
        { pointer: '/promt', code: 'unknown_field', line: 3 },
        { pointer: '', code: 'required', line: 3 },
        { pointer: '', code: 'unreadable_line', line: 4 },
        { pointer: '/custom_id', code: 'duplicate_custom_id', line: 5, detail: '`x` is also that of line 1' },
      ],
    });
  });

  it.each([
    ['what is no JSON', '{', JSON_TYPE, 400, 'malformed_json'],
    ['bytes that are no UTF-8', Uint8Array.of(0x22, 0xff, 0x22), JSON_TYPE, 400, 'malformed_json'],
    ['another kind of body', 'a,b', { 'content-type': 'text/csv' }, 415, 'unsupported_media_type'],
    ['no lines', '\n\n', LINES_TYPE, 422, 'invalid_request'],
    ['a packed body', 'x', { ...LINES_TYPE, 'content-encoding': 'br' }, 415, 'unsupported_media_type'],
    ['an empty key in the header', TWO, { ...JSON_TYPE, 'idempotency-key': '' }, 422, 'invalid_request'],
  ])('refuse %s', async (_, body, headers, status, code) => {
    expect(await post('/v1/batches', body, headers)).toMatchObject({ status, body: { code } });
  });

  it.each([
    [JSON_TYPE, 'text/plain;charset=utf-8', 'Content-Type is text/plain;charset=utf-8; send'],
    [JSON_TYPE, 'application/json; charset=ISO-8859-1', 'only UTF-8 is taken'],
    [LINES_TYPE, 'application/x-ndjson; charset="latin1"', 'only UTF-8 is taken'],
    [JSON_TYPE, 'application/json; charset=', 'only UTF-8 is taken'],
    [JSON_TYPE, 'application/json; charset=utf-8; charset=latin1', 'only UTF-8 is taken'],
  ])('say which type and which characters they take %#', async (_, type, detail) => {
    const answered = await post<Problem>('/v1/batches', TWO, { 'content-type': type });
    expect(answered).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
    expect(answered.body.detail).toContain(detail);
    expect(answered.body.detail).toContain('application/json or application/x-ndjson');
  });

  it.each(['utf-8', 'UTF8', '"utf-8"'])('take %s by its name', async (charset) => {
    const type = { 'content-type': `application/json; charset=${charset}` };
    expect(await post('/v1/batches', TWO, type)).toMatchObject({ status: 202 });
  });

  it('refuse fields in the query where the batch is JSON', async () => {
    expect(await post('/v1/batches?priority=high', TWO)).toMatchObject({
      status: 422,
      body: { errors: [{ parameter: 'priority', code: 'unknown_field' }] },
    });
    expect(world.batches.all()).toEqual([]);
  });

  it('say of what is too large which way it may come', async () => {
    const { status, body } = await post<Problem>('/v1/batches', new Uint8Array(4_194_305), LINES_TYPE);
    expect(status).toBe(413);
    expect(body.detail).toContain('{"upload": true}');
    expect(body.detail).toContain('268435456');
  });

  it('take an upload, start it and show how it went', async () => {
    const { body } = await post('/v1/batches', '{"upload":true}');
    expect(body).toMatchObject({
      status: 'awaiting_upload',
      results: null,
      upload: { method: 'PUT', max_bytes: 268_435_456 },
    });
    const start = `/v1/batches/${body.batch_id}/start`;
    expect(await post(start)).toMatchObject({ status: 409, body: { code: 'upload_missing' } });
    await world.objects.put(
      `uploads/${body.batch_id}.jsonl`,
      Buffer.from('{"prompt":"a"}'),
      'application/json',
    );
    expect(await post(start)).toMatchObject({ status: 202, body: { status: 'validating' } });
    await splitAll(world);
    await drain(world);
    expect(await post(start)).toMatchObject({
      status: 200,
      body: { status: 'ended', counts: { succeeded: 1 } },
    });
  });

  it('show a batch as it is', async () => {
    const id = await ended();
    expect(await answer(await get(`/v1/batches/${id}`))).toMatchObject({
      status: 200,
      body: { status: 'ended', counts: { total: 2, processing: 0, succeeded: 2 } },
    });
  });

  it('give results as lines, page by page', async () => {
    const id = await ended();
    const first = await get(`/v1/batches/${id}/results?limit=1&status=succeeded,failed`);
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'content-type': 'application/x-ndjson',
      link: `</v1/batches/${id}/results?limit=1&status=succeeded%2Cfailed&from=1>; rel="next"`,
    });
    expect(JSON.parse(await first.text())).toMatchObject({ batch_index: 0, content: 'answer to a' });
    const second = await get(`/v1/batches/${id}/results?limit=1&from=1`);
    expect(second.headers.has('link')).toBe(false);
    expect(await second.text()).toMatch(/^\{.*"batch_index":1.*\}\n$/);
  });

  it('list the batches of a tenant, newest first, page by page', async () => {
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      await world.clock.advance(1000);
      const { body } = await post(
        '/v1/batches',
        JSON.stringify({ custom_id: name, requests: [{ prompt: 'x' }] }),
      );
      ids.unshift(body.batch_id);
    }
    interface Page {
      readonly batches: readonly Batch[];
      readonly next_cursor: string | null;
    }
    const first = await answer<Page>(await get('/v1/batches?limit=2'));
    expect(first.body.batches.map(({ batch_id }) => batch_id)).toEqual(ids.slice(0, 2));
    expect(first.body.batches[0]).toMatchObject({ custom_id: 'c', counts: { total: 1, processing: 1 } });
    const second = await answer<Page>(await get(`/v1/batches?limit=2&cursor=${first.body.next_cursor}`));
    expect(second.body).toMatchObject({ batches: [{ batch_id: ids[2] }], next_cursor: null });
    await world.clock.advance(9 * 86_400_000);
    expect(await answer<Page>(await get('/v1/batches'))).toMatchObject({ body: { batches: [] } });
    expect(await answer(await get('/v1/batches?limit=0&cursor=x'))).toMatchObject({
      status: 422,
      body: { errors: [{ parameter: 'limit' }, { parameter: 'cursor' }] },
    });
  });

  it('name each fault of a query', async () => {
    const id = await ended();
    const faulty = await get(`/v1/batches/${id}/results?from=-1&limit=10001&status=queued`);
    expect(await answer(faulty)).toMatchObject({
      status: 422,
      body: { errors: [{ parameter: 'from' }, { parameter: 'limit' }, { parameter: 'status' }] },
    });
  });

  it('cancel a batch, and tell of one that is over', async () => {
    const { body } = await post('/v1/batches', TWO);
    const cancel = `/v1/batches/${body.batch_id}/cancel`;
    expect(await post(cancel)).toMatchObject({ status: 202, body: { status: 'canceling' } });
    await splitAll(world);
    expect(await post(cancel)).toMatchObject({
      status: 200,
      body: { status: 'ended', counts: { canceled: 2 } },
    });
  });

  it.each(['/v1/batches/bat_0', '/v1/batches/bat_00000000000000000000000000', '/v1/batches/pool%23haiku'])(
    'answer 404 for %s',
    async (path) => {
      expect((await get(path)).status).toBe(404);
      expect((await get(`${path}/results`)).status).toBe(404);
      expect((await post(`${path}/cancel`)).status).toBe(404);
      expect((await post(`${path}/start`)).status).toBe(404);
    },
  );

  it('answer 410 for one that is no longer kept', async () => {
    const id = await ended();
    await world.clock.advance(31 * 86_400_000);
    expect((await get(`/v1/batches/${id}`)).status).toBe(410);
    expect((await get(`/v1/batches/${id}/results`)).status).toBe(410);
    expect((await post(`/v1/batches/${id}/cancel`)).status).toBe(410);
  });
});
