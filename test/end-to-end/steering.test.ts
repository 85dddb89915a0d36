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
});
