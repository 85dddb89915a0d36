import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { submit } from './clients.ts';
import { type SmootherProcess, startSmoother } from './smoother-process.ts';

const ARGS = [
  '--context',
  'models={"lite":{"model_id":"us.amazon.nova-lite-v1:0","quota":"service-quotas","fallback_quota":{"tokens_per_minute":700000},"headroom":0.1}}',
  '--simulator',
  'latency_scale=0',
  '--simulator',
  'tokens_per_minute=2000000',
];

describe('a pool that is steered while it runs', () => {
  let dataDir: string;
  let smoother: SmootherProcess;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'smoother-steering-'));
    smoother = await startSmoother({ args: ['--data', dataDir, ...ARGS] });
  });

  afterAll(async () => {
    smoother.signal('SIGKILL');
    await smoother.ended();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });

  const read = async (path: string): Promise<Readonly<Record<string, unknown>>> =>
    (await (await fetch(`${smoother.ready.api}${path}`)).json()) as Readonly<Record<string, unknown>>;

  test('goes by what Service Quotas grants, through the real client, and says so', async () => {
    const { api } = smoother.ready;
    const { body } = await submit(api, { prompt: 'hello', max_tokens: 10 });
    expect(await read(`/v1/requests/${body.request_id}?wait=20`)).toMatchObject({ status: 'succeeded' });

    expect((await read('/v1/quota')).pools).toMatchObject([
      {
        limits: {
          source: 'service-quotas',
          granted: { tokens_per_minute: 2_000_000 },
          warning: null,
        },
        dimensions: [{ name: 'tokens_per_minute', limit: 1_800_000 }],
      },
    ]);
  });

  const order = async (fields: Readonly<Record<string, unknown>>) => {
    const response = await fetch(`${smoother.ready.api}/v1/controls`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'a test', ...fields }),
    });
    expect(response.status).toBe(200);
    return (await response.json()) as Readonly<Record<string, unknown>>;
  };

  test('is paused and resumed by an operator, who everybody is here, and the list says so', async () => {
    const set = await order({ pool: 'lite', paused: true, quota: { tokens_per_minute: 1_000_000 } });
    expect(set).toMatchObject({
      operator: 'anybody',
      controls: [{ kind: 'pool', name: 'lite', paused: true }],
    });
    // A drain that still runs has followed by its next heartbeat, and the doors a moment later.
    const ids: string[] = [];
    for (let seconds = 0; seconds < 30; seconds += 1) {
      const { body } = await submit(smoother.ready.api, { prompt: 'held', max_tokens: 10 });
      ids.push(body.request_id);
      const seen = await read(`/v1/requests/${body.request_id}?wait=1`);
      if (seen.waiting_for === 'pause') break;
    }
    const held = ids.at(-1) ?? '';
    expect(await read(`/v1/requests/${held}?wait=5`)).toMatchObject({
      status: 'queued',
      waiting_for: 'pause',
      eta_seconds: null,
    });
    expect((await read('/v1/quota')).pools).toMatchObject([
      {
        paused_by_operator: true,
        limits: { source: 'controls', granted: { tokens_per_minute: 1_000_000 } },
      },
    ]);

    await order({ pool: 'lite', paused: false, quota: null });
    // A wait, and on a busy machine another.
    let ended = await read(`/v1/requests/${held}?wait=25`);
    if (ended.status !== 'succeeded') ended = await read(`/v1/requests/${held}?wait=25`);
    expect(ended).toMatchObject({ status: 'succeeded' });
    expect(await read('/v1/controls')).toMatchObject({ version: 2, controls: [] });
    expect(await read('/v1/controls/changes')).toMatchObject({
      changes: [
        { version: 2, by: 'anybody', reason: 'a test', before: { paused: true }, after: null },
        { version: 1, before: null, after: { paused: true } },
      ],
      next_before: null,
    });
  }, 180_000);
});
