import type { Result } from '../../../shared/contract/request.ts';
import type { TerminalStatus } from '../../../shared/contract/statuses.ts';
import {
  createReadBatchResults,
  PAGE_BYTES,
  type ResultsQuestion,
} from '../../../shared/flows/batches/read-batch-results.ts';
import { type Around, nameOf } from '../../fakes/interpose.ts';
import { rejection } from '../../fakes/scripted-model.ts';
import { acceptDepsOf, createWorld, type World } from '../../fakes/world.ts';
import { drain } from '../drain/drains.ts';
import { acceptedBatch, memberId, splitAll } from './batches.ts';

const ALL: readonly TerminalStatus[] = ['succeeded', 'failed', 'canceled', 'expired'];

describe('read-batch-results', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld({
      model: { script: ({ prompt }) => (prompt === 'bad' ? rejection : undefined) },
    });
  });

  const batchOf = async (prompts: readonly string[]): Promise<string> => {
    const { batchId } = await acceptedBatch(world, {
      requests: prompts.map((prompt) => ({ prompt, max_tokens: 100 })),
    });
    await splitAll(world);
    return batchId;
  };

  const page = async (batchId: string, fields: Partial<ResultsQuestion> = {}, around?: Around) => {
    const question = { batchId, tenant: 'default', from: 0, limit: 1000, statuses: ALL, ...fields };
    const reading = await createReadBatchResults(acceptDepsOf(world, around))(question);
    if (reading.kind !== 'page') return reading;
    const results = reading.lines.map((line) => JSON.parse(Buffer.from(line).toString()) as Result);
    return { ...reading, results };
  };

  const indexesOf = async (batchId: string, fields: Partial<ResultsQuestion> = {}) => {
    const read = await page(batchId, fields);
    return 'results' in read ? read.results.map(({ batch_index }) => batch_index) : read.kind;
  };

  it('gives whole results in the order of the batch', async () => {
    const batchId = await batchOf(['a', 'bad', 'c']);
    await drain(world);
    expect(await page(batchId)).toMatchObject({
      results: [
        { batch_id: batchId, batch_index: 0, status: 'succeeded', content: 'answer to a' },
        { batch_index: 1, status: 'failed', error: { code: 'model_rejected_request' } },
        { batch_index: 2, status: 'succeeded', content: 'answer to c' },
      ],
    });
    expect(await page(batchId)).not.toHaveProperty('nextFrom');
  });

  it('leaves out those that have not ended, and gives them later', async () => {
    const batchId = await batchOf(['a', 'b', 'c']);
    const late = await world.requests.read(memberId(batchId, 1));
    await drain(world);
    const ended = await world.requests.read(memberId(batchId, 1));
    if (late === undefined || ended === undefined) throw new Error('it is there');
    world.requests.put(late);
    expect(await indexesOf(batchId)).toEqual([0, 2]);
    world.requests.put(ended);
    expect(await indexesOf(batchId)).toEqual([0, 1, 2]);
  });

  it('gives only the statuses that are asked for', async () => {
    const batchId = await batchOf(['a', 'bad', 'c']);
    await drain(world);
    expect(await indexesOf(batchId, { statuses: ['failed', 'expired'] })).toEqual([1]);
  });

  it('ends a page after so many requests, and says where the next begins', async () => {
    const batchId = await batchOf(['a', 'b', 'c', 'd', 'e']);
    await drain(world);
    expect(await page(batchId, { limit: 2 })).toMatchObject({ nextFrom: 2 });
    expect(await page(batchId, { from: 2, limit: 2 })).toMatchObject({ nextFrom: 4 });
    expect(await indexesOf(batchId, { from: 4, limit: 2 })).toEqual([4]);
    expect(await page(batchId, { from: 4, limit: 2 })).not.toHaveProperty('nextFrom');
    expect(await indexesOf(batchId, { from: 9 })).toEqual([]);
  });

  it('ends a page before it is too large for an answer, but never without a result', async () => {
    const batchId = await batchOf(['a', 'b', 'c', 'd']);
    await drain(world);
    for (const index of [0, 1, 2, 3]) {
      const item = await world.requests.read(memberId(batchId, index));
      const body = JSON.stringify({ batch_index: index, content: 'x'.repeat(1_200_000 + index * 1_000_000) });
      const key = `results/haiku/large-${index}.jsonl`;
      await world.objects.put(key, Buffer.from(body), 'application/x-ndjson');
      if (item !== undefined)
        world.requests.put({ ...item, result: { key, offsetBytes: 0, lengthBytes: body.length } });
    }
    const pages: unknown[] = [];
    for (let from: number | undefined = 0; from !== undefined; ) {
      const read = await page(batchId, { from });
      if (!('results' in read)) throw new Error(read.kind);
      const bytes = read.lines.reduce((sum, line) => sum + line.byteLength, 0);
      expect(read.lines.length === 1 || bytes <= PAGE_BYTES).toBe(true);
      pages.push(read.results.map(({ batch_index }) => batch_index));
      from = read.nextFrom;
    }
    expect(pages).toEqual([[0], [1], [2], [3]]);
  });

  it('reads a flush of results by one range of its segment', async () => {
    const batchId = await batchOf(Array.from({ length: 30 }, (_, index) => `p${index}`));
    await drain(world);
    const segments = new Set(world.requests.all().map(({ result }) => result?.key));
    const gets: string[] = [];
    const around: Around = (effect, perform) => {
      if (nameOf(effect) === 'objects.get') gets.push(String(effect.args[0]));
      return perform();
    };
    const read = await page(batchId, {}, around);
    expect('results' in read && read.results).toHaveLength(30);
    expect(gets).toHaveLength(segments.size);
  });

  it('tells what the state item knows where the answer is gone', async () => {
    const batchId = await batchOf(['a']);
    await drain(world);
    for (const key of world.objects.keys()) if (key.startsWith('results/')) world.objects.forget(key);
    expect(await page(batchId)).toMatchObject({
      results: [{ batch_index: 0, status: 'succeeded', content: null }],
    });
  });

  it('shows nothing to another tenant, and says when all is gone', async () => {
    const batchId = await batchOf(['a']);
    await drain(world);
    expect(await page(batchId, { tenant: 'other' })).toEqual({ kind: 'not_found' });
    await world.clock.advance(31 * 86_400_000);
    expect(await page(batchId)).toEqual({ kind: 'gone' });
  });
});
