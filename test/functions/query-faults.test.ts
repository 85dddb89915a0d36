import { createSubmitApp } from '../../functions/ingestion/submit-app.ts';
import { createReadApp } from '../../functions/query/read-app.ts';
import type { Problem } from '../../shared/contract/problem.ts';
import { ROUTES, type Route } from '../../shared/contract/routes.ts';
import { acceptDepsOf, createWorld } from '../fakes/world.ts';

const BATCH = 'bat_00000000000000000000000000';
const REQUEST = 'req_00000000000000000000000000';

const ask = async (routeFunction: string, path: string, method: string): Promise<Response> => {
  const given = acceptDepsOf(createWorld());
  // Who may not steer is told so first, whatever else is wrong.
  const deps = { ...given, settings: { ...given.settings, operators: ['*'] } };
  const app = routeFunction === 'query' ? createReadApp(deps) : createSubmitApp(deps);
  const body = method === 'POST' ? { body: '{"prompt":"x"}\n' } : {};
  const headers = {
    'content-type': path.startsWith('/v1/batches?') ? 'application/x-ndjson' : 'application/json',
  };
  return app.request(path, { method, headers, ...body });
};

describe('the query of a route', () => {
  it.each(ROUTES.map(({ method, path, function: name }) => [method, path, name] as const))(
    'of %s %s is refused when it has a parameter that nobody knows',
    async (method, path, name) => {
      const id = path.startsWith('/v1/batches') ? BATCH : REQUEST;
      const response = await ask(name, `${path.replace('{id}', id)}?colour=red`, method);
      expect(response.status).toBe(422);
      const { code, errors } = (await response.json()) as Problem;
      expect(code).toBe('invalid_request');
      expect(errors?.map(({ parameter, code: fault }) => [parameter, fault])).toContainEqual([
        'colour',
        'unknown_field',
      ]);
      expect(errors?.some(({ pointer }) => pointer === '/colour')).toBe(false);
    },
  );

  const ALL: readonly Route[] = ROUTES;
  const known = ALL.flatMap(({ method, path, parameters = [], function: name }) =>
    parameters
      .filter((parameter) => parameter !== 'status')
      .map((parameter) => [parameter, method, path, name] as const),
  );

  it.each(known)('with `%s` twice is refused at %s %s', async (parameter, method, path, name) => {
    const id = path.startsWith('/v1/batches') ? BATCH : REQUEST;
    const response = await ask(name, `${path.replace('{id}', id)}?${parameter}=1&${parameter}=1`, method);
    expect(response.status).toBe(422);
    const { errors } = (await response.json()) as Problem;
    expect(errors).toContainEqual({ parameter, code: 'invalid_value', detail: 'is given 2 times; keep one' });
  });

  it('may name one status after the other', async () => {
    const path = `/v1/requests?needs_attention=true&status=failed&status=expired`;
    expect((await ask('query', path, 'GET')).status).toBe(200);
  });

  it.each([
    [`/v1/requests/${REQUEST}?wiat=5`, '`wiat` is no parameter here; did you mean `wait`?'],
    ['/v1/batches?page=5', '`page` is no parameter here; known are limit, cursor'],
    ['/v1/quota?pool=x', '`pool` is no parameter here; none is known here'],
    ['/health?deep=yes', 'must be 1 or true; leave it out to ask no store'],
  ])('%s is told what is known', async (path, detail) => {
    const { errors } = (await (await ask('query', path, 'GET')).json()) as Problem;
    expect(errors?.map((fault) => fault.detail)).toEqual([detail]);
  });
});

describe('HEAD', () => {
  it.each(['/v1/quota', '/health', '/openapi.json', '/v1/batches'])(
    'is answered at %s as GET, without the body',
    async (path) => {
      const response = await ask('query', path, 'HEAD');
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(await response.text()).toBe('');
    },
  );

  it('is refused where nothing can be read, and named where it is allowed', async () => {
    const refused = await ask('query', `/v1/requests/${REQUEST}/cancel`, 'HEAD');
    expect(refused.status).toBe(405);
    const other = await ask('query', '/v1/quota', 'DELETE');
    expect(other.headers.get('allow')).toBe('GET, HEAD');
  });
});
