import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SmootherProcess, startSmoother } from '../end-to-end/smoother-process.ts';
import { createClients, destroyClients, giveKey } from './clients.ts';
import type { Clients } from './compatibility-case.ts';
import { CASES, DOCUMENT, renderTables, tablesIn } from './compatibility-table.ts';

const MODELS = {
  haiku: {
    model_id: 'us.anthropic.claude-haiku-4-5-20251001-v1:0',
    quota: { tokens_per_minute: 1_000_000_000 },
  },
  nova: { model_id: 'amazon.nova-micro-v1:0', quota: { tokens_per_minute: 1_000_000_000 } },
};

describe('the clients of others, with nothing changed but an address', () => {
  let dataDir: string;
  let smoother: SmootherProcess;
  let clients: Clients;
  let key: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'smoother-sdks-'));
    smoother = await startSmoother({
      args: [
        ...['--data', dataDir, '--require-keys', '--simulator', 'latency_scale=0.02'],
        ...['--context', `models=${JSON.stringify(MODELS)}`],
      ],
    });
    key = await giveKey(smoother.ready, 'sdks');
    clients = createClients(smoother.ready, key);
  }, 60_000);

  afterAll(async () => {
    if (clients !== undefined) destroyClients(clients);
    smoother?.signal('SIGKILL');
    await smoother?.ended();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }, 60_000);

  test.each(CASES.map((known) => [known.sdk, known.call, known] as const))(
    '%s: %s',
    async (_sdk, _call, known) => {
      await known.run(clients);
    },
    60_000,
  );

  test('and those who have none: /chat, and the events of a request', async () => {
    const { api } = smoother.ready;
    const headers = { 'content-type': 'application/json', 'x-api-key': key };
    const body = JSON.stringify({ model: 'nova', prompt: 'hello from nobody', max_tokens: 20 });
    const answer = await fetch(`${api}/chat`, { method: 'POST', headers, body });
    expect(answer.status).toBe(200);
    const said = (await answer.json()) as { readonly id: string; readonly content: string };
    expect(said.content).toContain('echo: hello from nobody');
    const events = await fetch(`${api}/v1/requests/${said.id}/events`, { headers });
    expect(await events.text()).toMatch(/^event: result\ndata: .*hello from nobody/);
  }, 60_000);
});

test('docs/compatibility.md has what the clients were seen to do, and their versions', () => {
  expect(tablesIn(readFileSync(DOCUMENT, 'utf8'))).toBe(renderTables());
});
