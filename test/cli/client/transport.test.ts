import { Smoother } from '../../../cli/client/smoother.ts';
import { SmootherError } from '../../../cli/client/smoother-error.ts';
import { createProblem } from '../../../shared/contract/problem.ts';

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

const scripted = (answers: readonly (Response | Error)[]) => {
  const sent: { readonly path: string; readonly key: string | undefined; readonly body: unknown }[] = [];
  const pauses: number[] = [];
  const left = [...answers];
  const smoother = new Smoother({
    endpoint: 'http://api.test',
    fetch: async (url, init = {}) => {
      const headers = init.headers as Record<string, string>;
      sent.push({ path: new URL(String(url)).pathname, key: headers['idempotency-key'], body: init.body });
      const answer = left.shift() ?? new Error('nothing more was scripted');
      if (answer instanceof Error) throw answer;
      return answer;
    },
    pause: async (durationMs) => {
      pauses.push(durationMs);
    },
  });
  return { smoother, sent, pauses };
};

const PENDING = { request_id: 'req_1', status: 'queued' };

describe('the TypeScript client', () => {
  it('submits under one key however often it has to try', async () => {
    const { smoother, sent, pauses } = scripted([
      new TypeError('fetch failed'),
      json(503, {}, { 'retry-after': '3' }),
      json(202, PENDING),
    ]);
    expect(await smoother.submit({ prompt: 'x' })).toEqual(PENDING);
    expect(sent).toHaveLength(3);
    expect(sent[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
    expect(pauses).toEqual([250, 3000]);
  });

  it('takes the key of the caller, or of the request', async () => {
    const { smoother, sent } = scripted([json(202, PENDING), json(202, PENDING)]);
    await smoother.submit({ prompt: 'x' }, { idempotencyKey: 'mine' });
    await smoother.submit({ prompt: 'x', idempotency_key: 'inside' });
    expect(sent.map(({ key }) => key)).toEqual(['mine', undefined]);
  });

  it('throws what is refused, with every fault', async () => {
    const problem = createProblem('invalid_request', {
      errors: [{ pointer: '/max_tokens', code: 'out_of_range', detail: 'must be at least 1' }],
    });
    const { smoother } = scripted([json(422, problem)]);
    const refused = await smoother.submit({ prompt: 'x' }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SmootherError);
    expect(refused).toMatchObject({
      status: 422,
      problem: { code: 'invalid_request', errors: [{ pointer: '/max_tokens' }] },
    });
  });

  it('knows a result from a request that waits', async () => {
    const { smoother } = scripted([json(200, PENDING), json(200, { ...PENDING, finished_at: 'now' })]);
    expect(await smoother.result('req_1')).toBeUndefined();
    expect(await smoother.result('req_1')).toMatchObject({ finished_at: 'now' });
  });

  it('stops waiting when it is told to', async () => {
    const { smoother } = scripted([json(200, PENDING)]);
    const stop = new AbortController();
    const waiting = smoother.wait('req_1', { signal: stop.signal, lookEveryMs: 60_000 });
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});
