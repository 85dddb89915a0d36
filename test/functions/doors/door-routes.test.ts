import { DOOR_ROUTES, type DoorRoute, isDoorPath } from '../../../shared/contract/door-routes.ts';
import { ROUTES } from '../../../shared/contract/routes.ts';
import { bearer, createKeyedWorld, giveKey } from '../keyed-calls.ts';
import { call } from './door-bench.ts';

const ALL: readonly DoorRoute[] = DOOR_ROUTES;
const NO_REQUEST = 'req_00000000000000000000000000';

/** A call of the route that is refused by nobody before its handler. */
const callOf = ({ method, path, door }: DoorRoute) => ({
  method,
  path: path.replace('{model}', 'haiku').replace('{id}', door === 'plain' ? NO_REQUEST : 'x'),
  ...(method === 'POST' ? { body: {} } : {}),
});

describe('every route of a door', () => {
  const rows = ALL.map((route) => [route.method, route.path, route] as const);

  it.each(rows)('%s %s asks for a key, and for one that is good for it', async (_, __, route) => {
    const world = createKeyedWorld();
    const [denied, missing] = route.door === 'bedrock' ? [403, 403] : [403, 401];
    expect((await call(world, callOf(route))).status).toBe(missing);
    const other = await giveKey(world, 'alpha', route.scope === 'read' ? ['cancel'] : ['read']);
    const answer = await call(world, { ...callOf(route), headers: bearer(other) });
    expect([answer.status, answer.text.includes('has not the scope')]).toEqual([denied, true]);
  });

  it.each(rows)('%s %s is answered where the key is good for it', async (_, __, route) => {
    const world = createKeyedWorld();
    const own = bearer(await giveKey(world, 'alpha', [route.scope === 'public' ? 'read' : route.scope]));
    const { status, text } = await call(world, { ...callOf(route), headers: own });
    expect([200, 400, 404, 422]).toContain(status);
    expect(text).not.toContain('is not supported');
    expect(world.requests.all()).toEqual([]);
  });

  it('leads to the doors, and no other does', () => {
    expect(ALL.filter(({ path }) => !isDoorPath(path))).toEqual([]);
    expect(ROUTES.filter(({ path }) => isDoorPath(path))).toEqual([]);
    for (const path of ['/chats', '/openaix/v1', '/v1/requests/a/b/events', '/ai'])
      expect(isDoorPath(path)).toBe(false);
  });
});
