import { createReadApp } from '../../functions/query/read-app.ts';
import { acceptDepsOf, createWorld, type World } from '../fakes/world.ts';
import { drain, itemOf } from '../flows/drain/drains.ts';
import { accept, acceptPrompts, fromQueue } from '../flows/submissions.ts';

describe('the list of requests', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld({ settings: { index_requests: true } });
  });

  interface Page {
    readonly requests: readonly { readonly request_id: string; readonly status: string }[];
    readonly next_cursor: string | null;
  }

  const get = async (query: string) => {
    const response = await createReadApp(acceptDepsOf(world)).request(`/v1/requests${query}`);
    return { status: response.status, body: (await response.json()) as Page };
  };

  const idsOf = async (query: string) => (await get(query)).body.requests.map(({ request_id }) => request_id);

  const end = (id: string, status: 'failed' | 'expired' | 'succeeded', afterMs: number): void =>
    world.requests.put({ ...itemOf(world, id), status, finishedAtMs: world.clock.nowMs() + afterMs });

  const acceptOneByOne = async (prompts: readonly string[], fields = {}): Promise<readonly string[]> => {
    const ids: string[] = [];
    for (const prompt of prompts) {
      ids.push(...(await acceptPrompts(world, [prompt], fields)));
      await world.clock.advance(1_000);
    }
    return ids;
  };

  it('holds everything of the caller, newest first, page by page', async () => {
    const [a, b, c] = await acceptOneByOne(['a', 'b', 'c']);
    await accept(world, [fromQueue('m-1', { prompt: 'x', tenant: 'alpha' })]);
    const first = (await get('?limit=2')).body;
    expect(first.requests.map(({ request_id }) => request_id)).toEqual([c, b]);
    const second = (await get(`?limit=2&cursor=${first.next_cursor}`)).body;
    expect(second.requests.map(({ request_id }) => request_id)).toEqual([a]);
    expect(second.next_cursor).toBeNull();
  });

  it('holds what needs attention, by when it ended, though nothing else is indexed', async () => {
    world = createWorld();
    const [a = '', b = '', c = ''] = await acceptOneByOne(['a', 'b', 'c', 'd']);
    end(a, 'failed', 20);
    end(b, 'succeeded', 30);
    end(c, 'expired', 10);
    expect(await idsOf('?needs_attention=true')).toEqual([a, c]);
    expect(await idsOf('?needs_attention=true&status=expired')).toEqual([c]);
    expect((await get('')).body).toMatchObject({
      code: 'invalid_request',
      errors: [{ parameter: 'needs_attention', code: 'invalid_value' }],
    });
  });

  it('finds by custom id, and sorts out by status', async () => {
    const [a = ''] = await acceptOneByOne(['a'], { custom_id: 'order-1' });
    await acceptOneByOne(['b'], { custom_id: 'order-2' });
    const [c = ''] = await acceptOneByOne(['c'], { custom_id: 'order-1' });
    end(a, 'succeeded', 0);
    expect(await idsOf('?custom_id=order-1')).toEqual([c, a]);
    expect(await idsOf('?custom_id=order-1&status=succeeded,failed')).toEqual([a]);
    expect(await idsOf('?status=queued&status=succeeded')).toHaveLength(3);
  });

  it('shows what ended without its text, and what waits with its place', async () => {
    const [a = ''] = await acceptOneByOne(['a', 'b']);
    end(a, 'succeeded', 0);
    expect((await get('')).body.requests).toMatchObject([
      { status: 'queued', waiting_for: 'drain', eta_seconds: 6 },
      { status: 'succeeded', content: null },
    ]);
  });

  it('shows the figures of the single read', async () => {
    await acceptOneByOne(['a']);
    await drain(world);
    const app = createReadApp(acceptDepsOf(world));
    const [listed] = (await get('')).body.requests;
    const single = await (await app.request(`/v1/requests/${listed?.request_id}`)).json();
    const { latency_ms, wait_ms } = single as { latency_ms: number; wait_ms: number };
    expect(latency_ms).toBeGreaterThanOrEqual(1000);
    expect(listed).toMatchObject({ status: 'succeeded', latency_ms, wait_ms });
  });

  it('does not show what is past its retention', async () => {
    const [a = ''] = await acceptOneByOne(['a']);
    world.requests.put({ ...itemOf(world, a), status: 'failed', ttlSeconds: 1 });
    expect(await idsOf('')).toEqual([]);
  });

  it('names every fault of the query', async () => {
    const { status, body } = await get(
      '?status=done&limit=0&custom_id=%C3%A4&needs_attention=yes&cursor=x&page=2',
    );
    expect(status).toBe(422);
    expect(
      (body as unknown as { errors: { parameter: string }[] }).errors.map(({ parameter }) => parameter),
    ).toEqual(['page', 'status', 'custom_id', 'needs_attention', 'limit', 'cursor']);
  });
});
