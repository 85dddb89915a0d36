import { type ApiCall, createApiClient } from '../../cli/api-client.ts';

interface Sent {
  readonly url: string;
  readonly method: string | undefined;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

/** An API that gives these answers one after the other. */
const scripted = (answers: readonly (Response | Error)[]) => {
  const sent: Sent[] = [];
  const pauses: number[] = [];
  const left = [...answers];
  const client = createApiClient(
    { endpoint: 'http://api.test', apiKey: 'smk_test' },
    {
      fetch: async (url, init = {}) => {
        const { method, headers, body } = init;
        sent.push({ url: String(url), method, headers: headers as Record<string, string>, body });
        const answer = left.shift();
        if (answer === undefined) throw new Error('nothing more was scripted');
        if (answer instanceof Error) throw answer;
        return answer;
      },
      pause: async (durationMs) => {
        pauses.push(durationMs);
      },
    },
  );
  return { client, sent, pauses };
};

const refusedConnection = () =>
  new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) });

const READ: ApiCall = { method: 'GET', path: '/v1/quota' };

describe('the API client', () => {
  it('sends the key and the body, and answers with the value', async () => {
    const { client, sent } = scripted([json(202, { request_id: 'req_1' })]);
    const answer = await client.call({ method: 'POST', path: '/v1/requests', json: { prompt: 'x' } });
    expect(answer).toMatchObject({ kind: 'answered', status: 202, value: { request_id: 'req_1' } });
    expect(sent).toEqual([
      {
        url: 'http://api.test/v1/requests',
        method: 'POST',
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          authorization: 'Bearer smk_test',
        },
        body: '{"prompt":"x"}',
      },
    ]);
  });

  it('tells the problem that the API tells', async () => {
    const problem = {
      type: 'urn:smoother:problem:not_found',
      title: 'Not found',
      status: 404,
      detail: 'no such request',
      code: 'not_found',
      retryable: false,
    };
    const { client } = scripted([json(404, problem)]);
    expect(await client.call(READ)).toEqual({ kind: 'refused', status: 404, problem });
  });

  it('tells what stands in front of the API said', async () => {
    const { client } = scripted([json(403, { message: 'Forbidden' })]);
    expect(await client.call(READ)).toMatchObject({
      kind: 'refused',
      problem: {
        status: 403,
        detail:
          'HTTP 403: {"message":"Forbidden"}. An API that authorizes by IAM wants signatures: --auth iam.',
      },
    });
  });

  it('asks again when it is told to, and as late as it is told to', async () => {
    const { client, pauses } = scripted([json(503, {}, { 'retry-after': '2' }), json(200, { ok: true })]);
    expect(await client.call(READ)).toMatchObject({ kind: 'answered' });
    expect(pauses).toEqual([2000]);
  });

  it('asks again, ever later, while nothing answers, and then says what to do', async () => {
    const { client, pauses } = scripted(Array.from({ length: 5 }, refusedConnection));
    await expect(client.call(READ)).rejects.toThrow(
      'Nothing answers at http://api.test (ECONNREFUSED). Start it with `smoother start`, or name another with --endpoint or SMOOTHER_ENDPOINT.',
    );
    expect(pauses).toEqual([250, 500, 1000, 2000]);
  });

  it.each<[string, ApiCall, number]>([
    ['a submit without a key once', { method: 'POST', path: '/v1/requests', json: {} }, 1],
    ['a submit with a key again', { method: 'POST', path: '/v1/requests', json: {}, idempotencyKey: 'k' }, 2],
    ['a cancel again', { method: 'POST', path: '/v1/requests/req_1/cancel' }, 2],
    ['a change of the controls once', { method: 'POST', path: '/v1/controls', json: {} }, 1],
  ])('sends %s', async (_, call, times) => {
    const { client, sent } = scripted([json(503, {}), json(200, {})]);
    await client.call(call);
    expect(sent).toHaveLength(times);
  });

  it('leaves at once when it is told to', async () => {
    const { client } = scripted([new Error('the connection ended')]);
    const gone = AbortSignal.abort(new Error('enough'));
    await expect(client.call({ ...READ, signal: gone })).rejects.toThrow('enough');
  });
});
