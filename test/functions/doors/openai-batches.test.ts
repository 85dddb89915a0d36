import { createDoorsApp } from '../../../functions/doors/doors-app.ts';
import { acceptDepsOf, type World } from '../../fakes/world.ts';
import { splitAll } from '../../flows/batches/batches.ts';
import { drain } from '../../flows/drain/drains.ts';
import { bearer, createKeyedWorld, giveKey } from '../keyed-calls.ts';
import { call, createDoorWorld, type DoorCall } from './door-bench.ts';

const line = (id: string, text: string, fields = {}) => ({
  custom_id: id,
  method: 'POST',
  url: '/v1/chat/completions',
  body: { model: 'haiku', messages: [{ role: 'user', content: text }] },
  ...fields,
});

const textOf = (...lines: readonly unknown[]): string =>
  lines.map((one) => `${JSON.stringify(one)}\n`).join('');

const ORDER = { endpoint: '/v1/chat/completions', completion_window: '24h' };

describe('files and batches of OpenAI’s', () => {
  let world: World;

  beforeEach(() => {
    world = createDoorWorld({
      model: {
        script: ({ prompt }) =>
          prompt === 'bad'
            ? { kind: 'fault', fault: { name: 'ValidationException', status: 400, message: 'not this' } }
            : undefined,
      },
    });
  });

  const ask = (method: string, path: string, fields: Partial<DoorCall> = {}) =>
    world.clock.run(call(world, { method, path: `/openai/v1${path}`, ...fields }));

  const sendFile = async (text: string, purpose = 'batch', headers = {}) => {
    const form = new FormData();
    form.set('purpose', purpose);
    form.set('file', new File([text], 'work.jsonl'));
    const response = await createDoorsApp(acceptDepsOf(world)).request('/openai/v1/files', {
      method: 'POST',
      body: form,
      headers,
    });
    return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
  };

  const fileOf = async (text: string, headers = {}): Promise<string> =>
    String((await sendFile(text, 'batch', headers)).body.id);

  const order = async (text: string, fields = {}, headers = {}) =>
    ask('POST', '/batches', {
      body: { input_file_id: await fileOf(text, headers), ...ORDER, ...fields },
      headers,
    });

  const THREE = textOf(line('a', 'one'), line('b', 'bad'), line('c', 'two'));

  const work = async (): Promise<void> => {
    await splitAll(world);
    await drain(world);
  };

  it('keep a file for a month, and give it back as it was', async () => {
    const { status, body } = await sendFile(THREE);
    expect([status, body]).toEqual([
      200,
      {
        id: expect.stringMatching(/^file-[0-9A-Z]{26}$/),
        object: 'file',
        bytes: THREE.length,
        created_at: 1769860800,
        expires_at: 1772452800,
        filename: 'work.jsonl',
        purpose: 'batch',
        status: 'processed',
      },
    ]);
    expect((await ask('GET', `/files/${body.id}`)).body).toEqual(body);
    expect((await ask('GET', `/files/${body.id}/content`)).text).toBe(THREE);
    await world.clock.advance(31 * 86_400_000);
    expect((await ask('GET', `/files/${body.id}`)).status).toBe(404);
  });

  it('delete a file, and with it what it held', async () => {
    const id = await fileOf(THREE);
    expect((await ask('DELETE', `/files/${id}`)).body).toEqual({ id, object: 'file', deleted: true });
    for (const path of [`/files/${id}`, `/files/${id}/content`])
      expect((await ask('GET', path)).status).toBe(404);
    expect((await ask('POST', '/batches', { body: { input_file_id: id, ...ORDER } })).status).toBe(404);
    const kept = await world.objects.get(`inputs/files/default/${id}.jsonl`);
    expect(kept?.byteLength).toBe(0);
  });

  it('answer a batch with an output file and an error file', async () => {
    const { status, body } = await order(THREE, { metadata: { run: '7' } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: expect.stringMatching(/^batch_[0-9A-Z]{26}$/),
      object: 'batch',
      status: 'in_progress',
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      input_file_id: expect.stringMatching(/^file-/),
      request_counts: { total: 3, completed: 0, failed: 0 },
      created_at: 1769860800,
      expires_at: 1769860800 + 86_400,
      output_file_id: null,
      error_file_id: null,
      metadata: { run: '7' },
    });
    await work();
    const ended = (await ask('GET', `/batches/${body.id}`)).body;
    expect(ended).toMatchObject({
      status: 'completed',
      completed_at: expect.any(Number),
      request_counts: { total: 3, completed: 2, failed: 1 },
      usage: { input_tokens: 20, output_tokens: 40, total_tokens: 60 },
    });
    const linesOf = async (id: unknown) => {
      const { text } = await ask('GET', `/files/${id}/content`);
      const facts = (await ask('GET', `/files/${id}`)).body;
      expect(facts).toMatchObject({ id, purpose: 'batch_output', bytes: Buffer.byteLength(text) });
      return text
        .trim()
        .split('\n')
        .map((each) => JSON.parse(each) as unknown);
    };
    expect(await linesOf(ended.output_file_id)).toMatchObject([
      {
        custom_id: 'a',
        error: null,
        response: { status_code: 200, body: { choices: [{ message: { content: 'answer to one' } }] } },
      },
      { custom_id: 'c', response: { status_code: 200 } },
    ]);
    expect(await linesOf(ended.error_file_id)).toMatchObject([
      { custom_id: 'b', response: null, error: { code: 'model_rejected_request', message: 'not this' } },
    ]);
  });

  it('cancel a batch', async () => {
    const { id } = (await order(THREE)).body;
    expect((await ask('POST', `/batches/${id}/cancel`)).body).toMatchObject({ status: 'cancelling' });
    await work();
    const { body } = await ask('GET', `/batches/${id}`);
    expect(body).toMatchObject({
      status: 'cancelled',
      cancelled_at: expect.any(Number),
      request_counts: { total: 3, completed: 0, failed: 3 },
      output_file_id: null,
    });
    expect((await ask('GET', `/files/${body.error_file_id}/content`)).text).toContain('"batch_cancelled"');
  });

  it('let a batch expire when its window is over', async () => {
    const { id } = (await order(THREE, { completion_window: '1h' })).body;
    await splitAll(world);
    await world.clock.advance(3_700_000);
    await drain(world);
    const { body } = await ask('GET', `/batches/${id}`);
    expect(body).toMatchObject({ status: 'expired', expired_at: expect.any(Number) });
    expect((await ask('GET', `/files/${body.error_file_id}/content`)).text).toContain('"batch_expired"');
  });

  it('list batches, newest first, after any of them', async () => {
    const first = (await order(THREE)).body.id;
    await world.clock.advance(1000);
    const second = (await order(THREE)).body.id;
    expect((await ask('GET', '/batches?limit=1')).body).toMatchObject({
      object: 'list',
      data: [{ id: second }],
      has_more: true,
    });
    expect((await ask('GET', `/batches?limit=1&after=${second}`)).body).toMatchObject({
      data: [{ id: first }],
      has_more: false,
    });
  });

  it('take the same order for the same batch, by its key', async () => {
    const body = { input_file_id: await fileOf(THREE), ...ORDER };
    const headers = { 'idempotency-key': 'k' };
    const [one, two] = [
      await ask('POST', '/batches', { body, headers }),
      await ask('POST', '/batches', { body, headers }),
    ];
    expect(one.body.id).toBe(two.body.id);
  });

  it.each([
    ['another endpoint', { endpoint: '/v1/embeddings' }, 'endpoint: must be /v1/chat/completions'],
    ['a window that is none', { completion_window: '9d' }, 'completion_window: must be 24h, or 1h to 120h'],
    [
      'an expiry of its output',
      { output_expires_after: { seconds: 9 } },
      'output_expires_after: is not taken',
    ],
    ['metadata that is none', { metadata: { a: 1 } }, 'metadata: must be'],
    ['no file', { input_file_id: 1 }, 'input_file_id: must be'],
  ])('refuse an order with %s', async (_, fields, message) => {
    expect(await order(THREE, fields)).toMatchObject({
      status: 400,
      body: { error: { type: 'invalid_request_error', message: expect.stringContaining(message) } },
    });
  });

  it.each([
    ['no JSON', `${THREE}{\n`, 'line 4: is not valid JSON'],
    ['another url', textOf(line('a', 'x', { url: '/v1/embeddings' })), 'line 1 url: must be'],
    ['another method', textOf(line('a', 'x', { method: 'GET' })), 'line 1 method: must be POST'],
    [
      'no model that there is',
      textOf(line('a', 'x'), line('b', 'x', { body: { model: 'gpt' } })),
      'line 2 body.model',
    ],
    ['two of one id', textOf(line('a', 'x'), line('a', 'y')), 'line 2 custom_id: `a` is also that of line 1'],
    ['an id that is none', textOf(line('a b', 'x')), 'line 1 custom_id'],
    ['nothing at all', '', 'a batch needs at least one request'],
  ])('refuse a file with %s, and name the line', async (_, text, message) => {
    const { status, body } = await order(text);
    expect([400, 404]).toContain(status);
    expect(JSON.stringify(body)).toContain(message);
    expect(world.batches.all()).toEqual([]);
  });

  it('refuse a file for another purpose, and what is no form', async () => {
    expect(await sendFile(THREE, 'fine-tune')).toMatchObject({
      status: 400,
      body: { error: { param: 'purpose' } },
    });
    expect((await ask('POST', '/files', { body: {} })).status).toBe(400);
  });

  it('refuse a file that is too large', async () => {
    expect((await sendFile('x'.repeat(4 * 1024 * 1024))).status).toBe(413);
  });

  it.each(['file-x', 'file-output-x', 'file-errors-00000000000000000000000000', '..%2F..%2Fresults'])(
    'know no file %s',
    async (id) => {
      expect((await ask('GET', `/files/${id}`)).status).toBe(404);
      expect((await ask('GET', `/files/${id}/content`)).status).toBe(404);
      expect((await ask('DELETE', `/files/${id}`)).status).toBe(404);
    },
  );

  it('show nobody what is another tenant’s', async () => {
    world = createKeyedWorld();
    const own = bearer(await giveKey(world, 'alpha'));
    const other = { headers: bearer(await giveKey(world, 'beta')) };
    const file = await fileOf(THREE, own);
    const { id } = (await order(THREE, {}, own)).body;
    await work();
    const { output_file_id } = (await ask('GET', `/batches/${id}`, { headers: own })).body;
    expect(output_file_id).toMatch(/^file-output-/);
    for (const [method, path] of [
      ['GET', `/files/${file}`],
      ['GET', `/files/${file}/content`],
      ['DELETE', `/files/${file}`],
      ['GET', `/files/${output_file_id}/content`],
      ['GET', `/batches/${id}`],
      ['POST', `/batches/${id}/cancel`],
    ] as const)
      expect([path, (await ask(method, path, other)).status]).toEqual([path, 404]);
    const stolen = { body: { input_file_id: file, ...ORDER }, ...other };
    expect((await ask('POST', '/batches', stolen)).status).toBe(404);
  });
});
