import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch } from '../../shared/contract/batch.ts';
import type { Result } from '../../shared/contract/request.ts';
import { createTableReader, readBatch, readResults, submitBatch, uploadBatch } from './batch-clients.ts';
import { type SmootherProcess, startSmoother } from './smoother-process.ts';

const FAST = [
  '--processes',
  'split',
  '--context',
  'models={"haiku":{"model_id":"sim-haiku","quota":{"tokens_per_minute":1000000000},"prices":{"input":1,"output":5}}}',
  '--context',
  'max_concurrent_executions=300',
  '--simulator',
  'latency_scale=0.02',
];

const LOOK_MS = 50;
const pause = (): Promise<void> => new Promise((done) => setTimeout(done, LOOK_MS));

const linesOf = (count: number): Buffer =>
  Buffer.from(
    Array.from({ length: count }, (_, index) =>
      JSON.stringify({ custom_id: `c${index}`, prompt: `request c${index} `, max_tokens: 50 }),
    ).join('\n'),
  );

describe('batches', () => {
  let dataDir: string;
  let smoother: SmootherProcess;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'smoother-batches-'));
    smoother = await startSmoother({ args: ['--data', dataDir, ...FAST] });
  }, 120_000);

  afterAll(async () => {
    smoother.signal('SIGINT');
    await smoother.ended();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }, 120_000);

  const api = (): string => smoother.ready.api;

  const untilOver = async (batchId: string): Promise<Batch> => {
    for (;;) {
      const batch = await readBatch(api(), batchId);
      const { total, ...rest } = batch.counts;
      expect(Object.values(rest).reduce((sum, count) => sum + count, 0)).toBe(total);
      if (['ended', 'failed'].includes(batch.status)) return batch;
      await pause();
    }
  };

  const allResults = async (batchId: string, query = ''): Promise<readonly Result[]> => {
    const results: Result[] = [];
    for await (const result of readResults(api(), batchId, query)) results.push(result);
    return results;
  };

  const modelCalls = async (): Promise<number> => {
    const response = await fetch(`${smoother.ready.endpoints.bedrockRuntime}/_sim/truth`);
    return ((await response.json()) as { readonly calls: number }).calls;
  };

  test('an inline batch ends with a result of its own for each request, in order', async () => {
    const requests = Array.from({ length: 50 }, (_, index) => ({
      custom_id: `i${index}`,
      prompt: `request i${index} `,
      max_tokens: 30,
    }));
    const { batch_id } = await submitBatch(api(), { requests, metadata: { run: '1' } });
    expect(await untilOver(batch_id)).toMatchObject({
      counts: { total: 50, processing: 0, succeeded: 50 },
      metadata: { run: '1' },
      error: null,
    });
    const results = await allResults(batch_id, '?limit=20');
    expect(results.map(({ batch_index }) => batch_index)).toEqual([...Array(50).keys()]);
    for (const { custom_id, content } of results) expect(content).toContain(`echo: request ${custom_id} `);
  }, 180_000);

  test('an upload whose splitter is killed half way is answered once and whole', async () => {
    const count = 2000;
    const before = await modelCalls();
    const { batch_id } = await uploadBatch(api(), linesOf(count), { priority: 'low' });
    const table = createTableReader(smoother.ready);
    let held = 0;
    while (held === 0) {
      await pause();
      held = (await table.cursorOf(batch_id)).index;
    }
    table.close();
    const { splitter } = JSON.parse(await readFile(join(dataDir, 'processes.json'), 'utf8'));
    process.kill(splitter, 'SIGKILL');
    expect(held).toBeLessThan(count);
    const batch = await untilOver(batch_id);
    expect(batch.counts).toEqual({
      total: count,
      processing: 0,
      succeeded: count,
      failed: 0,
      canceled: 0,
      expired: 0,
    });
    const results = await allResults(batch_id, '?limit=700');
    expect(results.map(({ batch_index }) => batch_index)).toEqual([...Array(count).keys()]);
    for (const { custom_id, content } of results) expect(content).toContain(`echo: request ${custom_id} `);
    expect((await modelCalls()) - before).toBe(count);
    const outputTokens = results.reduce((sum, { usage }) => sum + (usage?.output_tokens ?? 0), 0);
    expect(batch.usage.output_tokens).toBe(outputTokens);
  }, 240_000);

  test('an upload with a bad line accepts nothing, and names the line', async () => {
    const before = await modelCalls();
    const lines = Buffer.concat([linesOf(500), Buffer.from('\n{"promt":"x"}\n')]);
    const { batch_id } = await uploadBatch(api(), lines);
    expect(await untilOver(batch_id)).toMatchObject({
      status: 'failed',
      counts: { total: 0 },
      error: { errors: [{ line: 501, pointer: '/promt', code: 'unknown_field' }, { line: 501 }] },
    });
    expect(await modelCalls()).toBe(before);
  }, 120_000);

  test('a canceled batch ends, each of its requests answered or canceled', async () => {
    const { batch_id } = await uploadBatch(api(), linesOf(3000), { priority: 'low' });
    while ((await readBatch(api(), batch_id)).counts.succeeded === 0) await pause();
    const response = await fetch(`${api()}/v1/batches/${batch_id}/cancel`, { method: 'POST' });
    expect(response.status).toBe(202);
    const { counts } = await untilOver(batch_id);
    expect(counts.canceled).toBeGreaterThan(0);
    expect(counts.succeeded + counts.canceled).toBe(3000);
    expect(await allResults(batch_id, '?status=canceled&limit=10000')).toHaveLength(counts.canceled);
  }, 240_000);
});
