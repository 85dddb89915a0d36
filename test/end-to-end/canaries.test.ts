import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { collectResults, createSqs } from './clients.ts';
import { type Exit, runSmoother, type SmootherProcess, startSmoother } from './smoother-process.ts';

/**
 * Each stands in one place that nobody but its tenant has to see; none is part of another. Short ones stand in what is no JSON:
 * parsers quote few characters of it.
 */
const CANARIES = {
  prompt: 'canary-prompt-7Qx',
  system: 'canary-system-2Lp',
  message: 'canary-message-9Tz',
  converse: 'canary-converse-4Hw',
  invoke: 'canary-invoke-1Rk',
  metadata: 'canary-metadata-8Vn',
  completion: 'canary-completion-3Js',
  rejected: 'canary-rejected-5Bd',
  faulty: 'canary-faulty-6Mc',
  unreadable: 'cnrUr0Gf',
  unreadableInBatch: 'cnrUb3Nw',
  batch: 'canary-batch-7Ya',
  upload: 'canary-upload-2Ze',
  badUpload: 'cnrBu1Wq',
  queue: 'canary-queue-9Xi',
  faultyOnQueue: 'canary-faultyqueue-4Ou',
  unreadableOnQueue: 'cnrUq8Pt',
  idempotencyKey: 'canary-idempotency-6Sl',
  token: 'canary-token-5Ek',
  otherKey: 'canary-otherkey-3Dv',
  cookie: 'canary-cookie-2Ab',
} as const;

type Words = Readonly<Record<string, string>>;

/** Everything that was told to anybody who is not the tenant, by where. */
type Told = Map<string, string>;

const findIn = (told: Told, words: Words): readonly string[] =>
  [...told].flatMap(([where, text]) =>
    Object.entries(words)
      .filter(([, word]) => text.includes(word))
      .map(([name]) => `${name} in ${where}`),
  );

describe('canaries in prompts, answers, keys and tokens, with keys on', () => {
  let dataDir: string;
  let smoother: SmootherProcess;
  let key: string;
  let admin: string;
  let secrets: Words;
  const told: Told = new Map();
  const commands: Exit[] = [];

  const keys = async (...args: readonly string[]): Promise<Exit> => {
    const cloud = smoother.ready.endpoints.dynamodb;
    const exit = await runSmoother({ args: ['keys', ...args, '--cloud', cloud] });
    commands.push(exit);
    return exit;
  };

  const makeKey = async (...args: readonly string[]): Promise<string> =>
    (await keys('create', ...args)).stdout;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'smoother-canaries-'));
    const args = ['--data', dataDir, '--require-keys', '--simulator', 'latency_scale=0'];
    smoother = await startSmoother({ args });
    key = await makeKey('--tenant', 'alpha');
    admin = await makeKey('--tenant', 'ops', '--scopes', 'admin,read');
    secrets = { key: key.split('_')[2] ?? '', admin: admin.split('_')[2] ?? '' };
  });

  afterAll(async () => {
    smoother.signal('SIGKILL');
    await smoother.ended();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });

  const call = async (
    path: string,
    init: { readonly body?: unknown; readonly headers?: Words; readonly key?: string | null } = {},
  ) => {
    const { body, headers = {} } = init;
    const shown = init.key === undefined ? key : init.key;
    const response = await fetch(`${smoother.ready.api}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(shown === null ? {} : { authorization: `Bearer ${shown}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    // An error is for whoever logs it.
    if (response.status >= 400) told.set(`the ${response.status} of ${path} (${told.size})`, text);
    told.set(`the headers of ${path} (${told.size})`, JSON.stringify([...response.headers]));
    return { status: response.status, text };
  };

  const idIn = (text: string, field: string): string =>
    String((JSON.parse(text) as Readonly<Record<string, unknown>>)[field]);

  const submit = async (envelope: Readonly<Record<string, unknown>>, headers: Words = {}) => {
    const { status, text } = await call('/v1/requests', { body: { max_tokens: 20, ...envelope }, headers });
    expect([status, status === 202 ? '' : text]).toEqual([202, '']);
    return idIn(text, 'request_id');
  };

  const answerOf = async (id: string): Promise<string> => {
    for (;;) {
      const { text } = await call(`/v1/requests/${id}?wait=20`);
      if (!['queued', 'running'].includes(idIn(text, 'status'))) return text;
    }
  };

  const batchOver = async (id: string): Promise<string> => {
    for (;;) {
      const { text } = await call(`/v1/batches/${id}`);
      if (['ended', 'failed'].includes(idIn(text, 'status'))) return text;
      await new Promise((done) => setTimeout(done, 100));
    }
  };

  test('reach the model, and come back to their tenant', async () => {
    const saying = `[[sim:text=${CANARIES.completion}]] ${CANARIES.prompt}`;
    const first = await submit(
      { prompt: saying, system: CANARIES.system, metadata: { note: CANARIES.metadata } },
      { 'idempotency-key': CANARIES.idempotencyKey, cookie: `session=${CANARIES.cookie}` },
    );
    const ids = [
      first,
      await submit({ messages: [{ role: 'user', content: CANARIES.message }] }),
      await submit({
        converse: { messages: [{ role: 'user', content: [{ text: CANARIES.converse }] }] },
        max_tokens: undefined,
      }),
      await submit({ prompt: `[[sim:status=400]] ${CANARIES.rejected}` }),
      await submit({
        model: 'haiku',
        max_tokens: undefined,
        invoke_model: {
          anthropic_version: 'bedrock-2023-05-31',
          max_tokens: 20,
          messages: [{ role: 'user', content: CANARIES.invoke }],
        },
      }),
    ];
    const answers = await Promise.all(ids.map(answerOf));
    expect(answers[0]).toContain(CANARIES.completion);
    expect(answers.map((text) => idIn(text, 'status'))).toEqual([
      'succeeded',
      'succeeded',
      'succeeded',
      'failed',
      'succeeded',
    ]);
    told.set('the error of what the model rejected', answers[3] ?? '');
  }, 120_000);

  test('come in batches, at once and by upload', async () => {
    const requests = [{ prompt: CANARIES.batch, max_tokens: 9 }];
    const { text: sent } = await call('/v1/batches', { body: { requests } });
    await batchOver(idIn(sent, 'batch_id'));
    expect((await call(`/v1/batches/${idIn(sent, 'batch_id')}/results`)).text).toContain('succeeded');

    const upload = async (lines: string): Promise<string> => {
      const { text } = await call('/v1/batches', { body: { upload: true } });
      const { url, method } = (
        JSON.parse(text) as { readonly upload: { readonly url: string; readonly method: string } }
      ).upload;
      expect((await fetch(url, { method, body: lines })).status).toBe(200);
      await call(`/v1/batches/${idIn(text, 'batch_id')}/start`, { body: '' });
      return batchOver(idIn(text, 'batch_id'));
    };
    expect(idIn(await upload(JSON.stringify({ prompt: CANARIES.upload, max_tokens: 9 })), 'status')).toBe(
      'ended',
    );
    const failed = await upload(
      `{"prompt": "${CANARIES.badUpload}", "max_tokens": -1}\n{${CANARIES.badUpload}`,
    );
    expect(idIn(failed, 'status')).toBe('failed');
    told.set('the faults of a batch', failed);
  }, 120_000);

  test('come by the queue, good and bad', async () => {
    const { ready } = smoother;
    const sqs = createSqs(ready);
    const bodies = [
      JSON.stringify({ custom_id: 'good', prompt: CANARIES.queue, max_tokens: 9, tenant: 'alpha' }),
      JSON.stringify({ custom_id: 'faulty', prompt: CANARIES.faultyOnQueue, max_tokens: -1 }),
      `{"prompt": ${CANARIES.unreadableOnQueue}`,
    ];
    for (const MessageBody of bodies)
      await sqs.send(new SendMessageCommand({ QueueUrl: ready.queues.input, MessageBody }));
    const seen = await collectResults(sqs, ready.queues.results ?? '', (results) =>
      ['good', 'faulty'].every((id) => results.some(({ custom_id }) => custom_id === id)),
    );
    sqs.destroy();
    expect(seen.find(({ custom_id }) => custom_id === 'good')).toMatchObject({
      tenant: 'alpha',
      tenant_asserted: true,
      status: 'succeeded',
    });
    told.set('the errors on the results queue', JSON.stringify(seen.map(({ error }) => error)));
  }, 120_000);

  test('come in what is refused', async () => {
    const statusOf = async (...args: Parameters<typeof call>) => (await call(...args)).status;
    const body = { prompt: CANARIES.faulty, max_tokens: 9 };
    expect(await statusOf('/v1/requests', { body: { ...body, priority: 'urgent' } })).toBe(422);
    expect(await statusOf('/v1/requests', { body: `{"prompt": ${CANARIES.unreadable} of mine}` })).toBe(400);
    expect(await statusOf('/v1/requests', { body: CANARIES.unreadable })).toBe(400);
    expect(await statusOf('/v1/batches', { body: `{"requests": [${CANARIES.unreadableInBatch}]}` })).toBe(
      400,
    );
    expect(await statusOf('/v1/requests/estimate', { body: { ...body, max_tokens: 0 } })).toBe(422);
    for (const shown of [CANARIES.token, `${key}x`, key.slice(0, -1), key.slice(4), `${key},${key}`])
      expect(await statusOf('/v1/requests', { key: shown })).toBe(401);
    expect(await statusOf('/v1/requests', { headers: { 'x-api-key': CANARIES.otherKey } })).toBe(401);
    expect(await statusOf('/v1/controls')).toBe(403);
    expect(await statusOf('/v1/requests', { key: null })).toBe(401);
  });

  test('and so do keys that are rotated and revoked, within seconds', async () => {
    const id = key.split('_')[1] ?? '';
    expect((await keys('list')).stdout).toMatch(new RegExp(`${id}\tvalid\talpha\tsubmit,read,cancel`));
    const rotated = await keys('rotate', id, '--grace', '1h');
    expect((await call('/v1/quota', { key: rotated.stdout })).status).toBe(200);
    expect((await call('/v1/quota')).status).toBe(200);
    expect((await keys('revoke', key)).code).toBe(0);
    let tries = 0;
    while ((await call('/v1/quota')).status === 200 && tries < 200) {
      tries += 1;
      await new Promise((done) => setTimeout(done, 100));
    }
    expect((await call('/v1/quota')).status).toBe(401);
    expect((await call('/v1/quota', { key: rotated.stdout })).status).toBe(200);
    secrets = { ...secrets, rotated: rotated.stdout.split('_')[2] ?? '' };
    expect((await keys('revoke', '000000000000')).code).toBe(2);
  }, 120_000);

  const readAll = async (folder: string): Promise<readonly (readonly [string, Buffer])[]> => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
    return Promise.all(files.map(async (path) => [path.slice(folder.length), await readFile(path)] as const));
  };

  test('and none of them is in a log, a metric, an error, an event or on a page', async () => {
    for (const path of ['/ops', '/health?deep=1', '/v1/quota', '/v1/controls', '/v1/controls/changes'])
      told.set(path, (await call(path, { key: admin })).text);
    smoother.signal('SIGTERM');
    const { stdout, stderr } = await smoother.ended();
    told.set('standard output', stdout).set('standard error', stderr);
    const logs = await readAll(join(dataDir, 'logs'));
    for (const [name, bytes] of logs) told.set(`logs${name}`, bytes.toString('utf8'));
    for (const [index, { stderr: said }] of commands.entries()) told.set(`a command (${index})`, said);

    // All of the run is there, and what is looked for would be found.
    const lines = logs.flatMap(([, bytes]) => bytes.toString('utf8').split('\n')).filter(Boolean);
    const logged = lines.join('\n');
    for (const event of ['request_finished', 'message_unreadable', 'ModelCalls'])
      expect(logged).toContain(event);
    expect(lines.length).toBeGreaterThan(20);
    expect(Object.values(secrets).map((secret) => secret.length)).toEqual([52, 52, 52]);
    expect(
      findIn(new Map([['a line', `x${CANARIES.prompt}y${secrets.key}`]]), { ...CANARIES, ...secrets }),
    ).toEqual(['prompt in a line', 'key in a line']);

    expect(findIn(told, { ...CANARIES, ...secrets })).toEqual([]);
  });

  test('and no secret of a key is on the disk', async () => {
    const files = await readAll(dataDir);
    const holding = (word: string) => files.filter(([, bytes]) => bytes.includes(word)).map(([name]) => name);
    // Requests lie there, and the ids of keys.
    expect(holding(key.split('_')[1] ?? '').length).toBeGreaterThan(0);
    expect(Object.values(secrets).flatMap(holding)).toEqual([]);
  });
});
