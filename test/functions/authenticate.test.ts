import { createReadApp } from '../../functions/query/read-app.ts';
import { failing } from '../fakes/interpose.ts';
import { acceptDepsOf, createWorld, type World } from '../fakes/world.ts';
import { bearer, type Call, callWith, createKeyedWorld, giveKey } from './keyed-calls.ts';

const READ: Call = { method: 'GET', path: '/v1/quota' };
const SUBMIT: Call = { method: 'POST', path: '/v1/requests', body: { prompt: 'x', max_tokens: 5 } };

const tenantIn = (text: string): unknown => (JSON.parse(text) as { readonly tenant?: unknown }).tenant;

describe('an API that asks for keys', () => {
  let world: World;
  let key: string;

  beforeEach(async () => {
    world = createKeyedWorld();
    key = await giveKey(world, 'alpha');
  });

  const statusWith = async (headers: Readonly<Record<string, string>>) =>
    (await callWith(world, READ, headers)).status;

  it.each([
    ['as a bearer', (text: string) => ({ authorization: `Bearer ${text}` })],
    ['as a bearer in small letters', (text: string) => ({ authorization: `bearer ${text}` })],
    ['as x-api-key', (text: string) => ({ 'x-api-key': text })],
    ['as both', (text: string) => ({ authorization: `Bearer ${text}`, 'x-api-key': text })],
    [
      'beside a signature of a function URL',
      (text: string) => ({ authorization: 'AWS4-HMAC-SHA256 Credential=x', 'x-api-key': text }),
    ],
  ])('takes one %s', async (_, headersOf) => {
    const { status, text } = await callWith(world, SUBMIT, headersOf(key));
    expect([status, tenantIn(text)]).toEqual([202, 'alpha']);
  });

  it('refuses two that differ', async () => {
    const other = await giveKey(world, 'beta');
    expect(await statusWith({ authorization: `Bearer ${key}`, 'x-api-key': other })).toBe(401);
  });

  it.each([
    ['another word', () => 'Bearer secret'],
    ['Basic', (text: string) => `Basic ${Buffer.from(`${text}:`).toString('base64')}`],
    ['the key twice, as a gateway joins headers', (text: string) => `Bearer ${text},Bearer ${text}`],
    ['a key with another end', (text: string) => `Bearer ${text.slice(0, -1)}z`],
    ['half a key', (text: string) => `Bearer ${text.slice(0, 40)}`],
    ['nothing', () => 'Bearer '],
  ])('refuses %s with a challenge, and shows it to nobody', async (_, headerOf) => {
    const { status, headers, text } = await callWith(world, READ, { authorization: headerOf(key) });
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toMatch(/^Bearer realm="smoother"/);
    expect(text).not.toContain(key.slice(17, 40));
    expect(JSON.stringify(world.telemetry.events)).not.toContain(key.slice(17, 40));
  });

  it('reads nothing for what can be no key', async () => {
    const deps = acceptDepsOf(
      world,
      failing(({ port }) => port === 'apiKeys'),
    );
    const response = await createReadApp(deps).request('/v1/quota', {
      headers: bearer(`${key.slice(0, -1)}z`),
    });
    expect(response.status).toBe(401);
  });

  it('answers 503, and does nothing, when keys cannot be looked up', async () => {
    const deps = acceptDepsOf(
      world,
      failing(({ port }) => port === 'apiKeys'),
    );
    const response = await createReadApp(deps).request('/v1/quota', { headers: bearer(key) });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(world.telemetry.events).toMatchObject([{ event: 'api_keys_not_read' }]);
  });

  it('refuses one that has expired, at the moment it does', async () => {
    const nowMs = world.clock.nowMs();
    const brief = await giveKey(world, 'alpha', ['read'], { expiresAtMs: nowMs + 1_000 });
    expect(await statusWith(bearer(brief))).toBe(200);
    await world.clock.advance(1_000);
    expect(await statusWith(bearer(brief))).toBe(401);
  });

  it('refuses one that was revoked', async () => {
    await world.apiKeys.end(key.split('_')[1] ?? '', { kind: 'revoked', atMs: world.clock.nowMs() });
    const { status, headers } = await callWith(world, READ, bearer(key));
    expect([status, headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="smoother", error="invalid_token"',
    ]);
  });

  it('asks for one where there is nothing, too', async () => {
    expect((await callWith(world, { method: 'GET', path: '/v1/nothing' })).status).toBe(401);
    expect((await callWith(world, { method: 'GET', path: '/v1/nothing' }, bearer(key))).status).toBe(404);
    expect((await callWith(world, { method: 'POST', path: '/v1/requests/' }, bearer(key))).status).toBe(404);
  });

  it('is well without one, but looks at no store for nobody', async () => {
    expect((await callWith(world, { method: 'GET', path: '/health' })).status).toBe(200);
    expect((await callWith(world, { method: 'GET', path: '/health?deep=1' })).status).toBe(401);
    expect((await callWith(world, { method: 'GET', path: '/health?deep=1' }, bearer(key))).status).toBe(200);
    expect((await callWith(world, { method: 'HEAD', path: '/v1/quota' })).status).toBe(401);
  });

  it('names the key of an operator in the list of changes', async () => {
    const order = { tenant: 'beta', paused: true, reason: 'r' };
    await callWith(world, { method: 'POST', path: '/v1/controls', body: order }, bearer(key));
    expect(await world.controls.read()).toMatchObject({
      controls: [{ changed_by: `api-key:${key.split('_')[1]}` }],
    });
  });
});

describe('a local API that asks for nothing', () => {
  const world = createWorld({ settings: { api_authorization: 'none' } });

  it.each([
    ['nothing', {}],
    ['what an SDK sends in place of a key', { authorization: 'Bearer sk-anything' }],
  ])('takes everybody for the tenant default, with %s', async (_, headers) => {
    const { status, text } = await callWith(world, SUBMIT, headers);
    expect([status, tenantIn(text)]).toEqual([202, 'default']);
  });

  it('goes by a key that is shown all the same', async () => {
    const key = await giveKey(world, 'alpha', ['submit']);
    expect(tenantIn((await callWith(world, SUBMIT, bearer(key))).text)).toBe('alpha');
    expect((await callWith(world, READ, bearer(key))).status).toBe(403);
    expect((await callWith(world, READ, bearer(key.slice(0, -2)))).status).toBe(401);
  });
});

const signedBy = (userArn: string) => ({ requestContext: { authorizer: { iam: { userArn } } } });

describe('an API whose calls are signed', () => {
  const ROLE = 'arn:aws:iam::123456789012:role/Alpha';
  const SESSION = 'arn:aws:sts::123456789012:assumed-role/Alpha/job-7';

  it('takes everybody for the tenant default while no tenant names principals', async () => {
    const world = createWorld();
    const { status, text } = await callWith(world, SUBMIT, {}, signedBy(SESSION));
    expect([status, tenantIn(text)]).toEqual([202, 'default']);
  });

  it('knows its tenants by who signed, and refuses all others, signed or not', async () => {
    const world = createWorld({ settings: { tenants: { alpha: { principals: [ROLE] } } } });
    const { status, text } = await callWith(world, SUBMIT, {}, signedBy(SESSION));
    expect([status, tenantIn(text)]).toEqual([202, 'alpha']);

    const stranger = await callWith(world, SUBMIT, {}, signedBy('arn:aws:iam::123456789012:user/eve'));
    expect([stranger.status, JSON.parse(stranger.text)]).toMatchObject([403, { code: 'unknown_tenant' }]);
    expect((await callWith(world, SUBMIT)).status).toBe(403);
    expect((await callWith(world, SUBMIT, {}, { requestContext: {} })).status).toBe(403);
    expect(world.requests.all()).toHaveLength(1);
  });

  it('does not go by keys', async () => {
    const world = createWorld({ settings: { tenants: { alpha: { principals: [ROLE] } } } });
    const key = await giveKey(world, 'alpha');
    expect((await callWith(world, SUBMIT, { 'x-api-key': key })).status).toBe(403);
  });
});

describe('an API that takes tokens', () => {
  const jwt = { issuer: 'https://issuer.example.com', audience: ['smoother'], tenant_claim: 'org' };
  const withClaims = (claims: unknown) => ({
    requestContext: { authorizer: { jwt: { claims, scopes: null } } },
  });

  it('takes everybody for the tenant default while no claim is named', async () => {
    const { tenant_claim: _, ...plain } = jwt;
    const world = createWorld({ settings: { api_authorization: 'jwt', jwt: plain } });
    expect(tenantIn((await callWith(world, SUBMIT, {}, withClaims({ org: 'alpha' }))).text)).toBe('default');
  });

  it('knows tenants by the claim', async () => {
    const world = createWorld({ settings: { api_authorization: 'jwt', jwt } });
    const { status, text } = await callWith(world, SUBMIT, {}, withClaims({ org: 'alpha' }));
    expect([status, tenantIn(text)]).toEqual([202, 'alpha']);
  });

  it.each([
    ['no claims', undefined],
    ['none of that name', { sub: 'alpha' }],
    ['one that can be no tenant', { org: '#alpha' }],
    ['one that is too long', { org: 'a'.repeat(65) }],
    ['one that is no text', { org: ['alpha'] }],
    ['one of the prototype', Object.create({ org: 'alpha' })],
  ])('refuses a token with %s', async (_, claims) => {
    const world = createWorld({ settings: { api_authorization: 'jwt', jwt } });
    const { status, text } = await callWith(world, SUBMIT, {}, withClaims(claims));
    expect([status, JSON.parse(text)]).toMatchObject([403, { code: 'unknown_tenant' }]);
  });
});
