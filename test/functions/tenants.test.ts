import { SCOPE_NAMES, type Scope } from '../../shared/contract/api-keys.ts';
import type { ROUTES } from '../../shared/contract/routes.ts';
import { completionEvent, deliveryOf, eventId } from '../contracts/events.ts';
import type { World } from '../fakes/world.ts';
import { drain } from '../flows/drain/drains.ts';
import { type Answer, bearer, type Call, callWith, createKeyedWorld, giveKey } from './keyed-calls.ts';

type Known = (typeof ROUTES)[number];
type RouteKey = { [R in Known as `${R['method']} ${R['path']}`]: R };

/** What is alpha's, and nobody else's business. */
interface Alpha {
  readonly key: string;
  readonly waiting: string;
  readonly ended: string;
  readonly batch: string;
  readonly upload: string;
  readonly cursor: string;
}

const SECRET = 'only alpha may read this';

interface RouteCase {
  /** As somebody else would ask about what is alpha's. */
  readonly call: (alpha: Alpha) => Omit<Call, 'method'>;
  /** What another tenant is told; nobody has to be known where it is open. */
  readonly foreign: number | 'open';
  readonly scope?: Scope;
}

const body = { prompt: 'mine', max_tokens: 5 };

/** Every route there is: one that is missing does not compile. */
const CASES: { readonly [K in keyof RouteKey]: RouteCase } = {
  'POST /v1/requests': {
    call: () => ({ path: '/v1/requests', body: { ...body, tenant: 'alpha' } }),
    foreign: 422,
    scope: 'submit',
  },
  'POST /v1/requests/estimate': {
    call: () => ({ path: '/v1/requests/estimate', body: { ...body, tenant: 'alpha' } }),
    foreign: 422,
    scope: 'submit',
  },
  'GET /v1/requests': {
    call: ({ cursor }) => ({ path: `/v1/requests?cursor=${cursor}` }),
    foreign: 200,
    scope: 'read',
  },
  'GET /v1/requests/{id}': {
    call: ({ ended }) => ({ path: `/v1/requests/${ended}` }),
    foreign: 404,
    scope: 'read',
  },
  'POST /v1/requests/{id}/cancel': {
    call: ({ waiting }) => ({ path: `/v1/requests/${waiting}/cancel` }),
    foreign: 404,
    scope: 'cancel',
  },
  'GET /v1/quota': { call: () => ({ path: '/v1/quota' }), foreign: 200, scope: 'read' },
  'GET /v1/controls': { call: () => ({ path: '/v1/controls' }), foreign: 200, scope: 'admin' },
  'POST /v1/controls': {
    call: () => ({ path: '/v1/controls', body: { priority: 'low', weight: 2, reason: 'r' } }),
    foreign: 422,
    scope: 'admin',
  },
  'GET /v1/controls/changes': {
    call: () => ({ path: '/v1/controls/changes' }),
    foreign: 200,
    scope: 'admin',
  },
  'GET /v1/dead-letters': {
    call: () => ({ path: '/v1/dead-letters' }),
    foreign: 200,
    scope: 'admin',
  },
  'GET /v1/dead-letters/{id}': {
    call: ({ ended }) => ({ path: `/v1/dead-letters/${ended}` }),
    foreign: 404,
    scope: 'admin',
  },
  'POST /v1/dead-letters/redrive': {
    call: () => ({ path: '/v1/dead-letters/redrive', body: { why: 'r', set: { prompt: 'x' } } }),
    foreign: 422,
    scope: 'admin',
  },
  'GET /v1/webhooks/deliveries': {
    call: () => ({ path: '/v1/webhooks/deliveries' }),
    foreign: 200,
    scope: 'read',
  },
  'POST /v1/webhooks/deliveries/{id}/replay': {
    call: () => ({ path: '/v1/webhooks/deliveries/evt_00000000000000000000000001/replay' }),
    foreign: 404,
    scope: 'submit',
  },
  'POST /v1/webhooks/secret': {
    call: () => ({ path: '/v1/webhooks/secret' }),
    foreign: 200,
    scope: 'submit',
  },
  'POST /v1/webhooks/secret/rotate': {
    call: () => ({ path: '/v1/webhooks/secret/rotate' }),
    foreign: 200,
    scope: 'submit',
  },
  'GET /v1/redrives': { call: () => ({ path: '/v1/redrives' }), foreign: 200, scope: 'admin' },
  'POST /v1/batches': {
    call: () => ({ path: '/v1/batches', body: { requests: [{ ...body, tenant: 'alpha' }] } }),
    foreign: 422,
    scope: 'submit',
  },
  'POST /v1/batches/{id}/start': {
    call: ({ upload }) => ({ path: `/v1/batches/${upload}/start` }),
    foreign: 404,
    scope: 'submit',
  },
  'POST /v1/batches/{id}/cancel': {
    call: ({ batch }) => ({ path: `/v1/batches/${batch}/cancel` }),
    foreign: 404,
    scope: 'cancel',
  },
  'GET /v1/batches': { call: () => ({ path: '/v1/batches' }), foreign: 200, scope: 'read' },
  'GET /v1/batches/{id}': {
    call: ({ batch }) => ({ path: `/v1/batches/${batch}` }),
    foreign: 404,
    scope: 'read',
  },
  'GET /v1/batches/{id}/results': {
    call: ({ batch }) => ({ path: `/v1/batches/${batch}/results` }),
    foreign: 404,
    scope: 'read',
  },
  'GET /health': { call: () => ({ path: '/health' }), foreign: 'open' },
  'GET /openapi.json': { call: () => ({ path: '/openapi.json' }), foreign: 'open' },
};

const ALL = Object.entries(CASES).map(([key, one]) => [key, one] as const);
const GUARDED = ALL.filter(([, { foreign }]) => foreign !== 'open');

const idIn = ({ text }: Answer, field: string): string =>
  String((JSON.parse(text) as Readonly<Record<string, unknown>>)[field]);

const settle = async (world: World): Promise<Alpha> => {
  const key = await giveKey(world, 'alpha');
  const send = (path: string, sent: unknown) =>
    callWith(world, { method: 'POST', path, body: sent }, bearer(key));
  const ended = idIn(await send('/v1/requests', { ...body, prompt: SECRET }), 'request_id');
  await drain(world);
  const waiting = idIn(await send('/v1/requests', { ...body, prompt: SECRET }), 'request_id');
  const requests = [{ ...body, prompt: SECRET, custom_id: 'alphas-own' }];
  const batch = idIn(await send('/v1/batches', { requests }), 'batch_id');
  const upload = idIn(await send('/v1/batches', { upload: true }), 'batch_id');
  await world.deliveries.keep(deliveryOf(completionEvent(1, { tenant: 'alpha', custom_id: SECRET })), 0);
  const page = await callWith(world, { method: 'GET', path: '/v1/requests?limit=1' }, bearer(key));
  return { key, waiting, ended, batch, upload, cursor: idIn(page, 'next_cursor') };
};

const callOf = (key: string, one: RouteCase, alpha: Alpha): Call => ({
  method: key.split(' ')[0] ?? '',
  ...one.call(alpha),
});

describe('every route', () => {
  let world: World;
  let alpha: Alpha;

  beforeEach(async () => {
    world = createKeyedWorld({ webhooks: 'on' });
    alpha = await settle(world);
  });

  const stateOf = async () => ({
    requests: world.requests.all(),
    batch: await world.batches.read(alpha.batch),
    upload: await world.batches.read(alpha.upload),
    controls: await world.controls.read(),
    delivery: await world.deliveries.read('alpha', eventId(1)),
    secrets: await world.secrets.read('alpha'),
  });

  it.each(ALL)('%s answers its own tenant', async (key, one) => {
    // What a tenant says about itself is no fault.
    const { status } = await callWith(world, callOf(key, one, alpha), bearer(alpha.key));
    expect(status).toBe(OWN[key] ?? 200);
  });

  it.each(ALL)('%s shows and changes nothing of another tenant', async (key, one) => {
    const before = await stateOf();
    const beta = await giveKey(world, 'beta');
    const { status, text } = await callWith(world, callOf(key, one, alpha), bearer(beta));

    expect(status).toBe(one.foreign === 'open' ? 200 : one.foreign);
    expect(text).not.toContain(SECRET);
    for (const id of status === 200 ? [alpha.waiting, alpha.ended, alpha.batch, alpha.upload] : [])
      expect(text).not.toContain(id);
    expect(await stateOf()).toEqual(before);
  });

  it.each(GUARDED)('%s answers nobody without a key, and says how to come', async (key, one) => {
    const before = await stateOf();
    const { status, headers, text } = await callWith(world, callOf(key, one, alpha));

    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="smoother"']);
    expect(JSON.parse(text)).toMatchObject({ code: 'unauthenticated', status: 401 });
    expect(await stateOf()).toEqual(before);
  });

  it.each(GUARDED)(
    '%s is closed to a key of all other scopes, and names the one it wants',
    async (key, one) => {
      const before = await stateOf();
      const scopes = SCOPE_NAMES.filter((scope) => scope !== one.scope);
      const other = await giveKey(world, 'alpha', scopes);
      const { status, headers, text } = await callWith(world, callOf(key, one, alpha), bearer(other));

      expect(status).toBe(403);
      expect(JSON.parse(text)).toMatchObject({ code: 'insufficient_scope', missing_scope: one.scope });
      expect(headers.get('www-authenticate')).toBe(
        `Bearer realm="smoother", error="insufficient_scope", scope="${one.scope}"`,
      );
      expect(await stateOf()).toEqual(before);
    },
  );
});

const OWN: Readonly<Record<string, number>> = {
  'POST /v1/webhooks/deliveries/{id}/replay': 202,
  'POST /v1/requests': 202,
  'POST /v1/batches': 202,
  'POST /v1/batches/{id}/cancel': 202,
  // Nothing was uploaded.
  'POST /v1/batches/{id}/start': 409,
  // It was answered.
  'GET /v1/dead-letters/{id}': 404,
  // A text cannot be set.
  'POST /v1/dead-letters/redrive': 422,
  // A priority has no share.
  'POST /v1/controls': 422,
};
