import { Hono } from 'hono';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import { type HttpGateway, startHttpGateway } from '../../../local/lambda/http-gateway.ts';

const app = new Hono()
  .get('/v1/text/:id', (c) =>
    c.text(`${c.req.param('id')} ${c.req.queries('tag')} ${c.req.header('cookie')}`),
  )
  .post('/v1/json', async (c) => c.json({ got: await c.req.json() }, 202))
  .post('/v1/form', async (c) => c.json(await c.req.parseBody()))
  .get('/v1/bytes', (c) => c.body(new Uint8Array([0, 255, 128]), 200, { 'content-type': 'application/zip' }))
  .get('/v1/cookies', (c) => {
    c.header('set-cookie', 'a=1', { append: true });
    c.header('set-cookie', 'b=2', { append: true });
    return c.body(null, 204);
  });
const lambda = handle(app);

let gateway: HttpGateway;

beforeAll(async () => {
  gateway = await startHttpGateway({
    port: 0,
    routes: [{ method: 'ANY', path: '/v1/{proxy+}', function: 'api' }],
    // The two type packages describe the same event with different optional fields.
    functions: {
      api: {
        handler: (event, context) => lambda(event as unknown as LambdaEvent, context),
        timeoutSeconds: 5,
        memoryMb: 128,
      },
    },
  });
});

afterAll(() => gateway.close());

it('carries parameters, queries and cookies to an application and text back', async () => {
  const response = await fetch(`${gateway.url}/v1/text/r%201?tag=a&tag=b`, {
    headers: { cookie: 'x=1; y=2' },
  });
  expect(await response.text()).toBe('r 1 a,b x=1; y=2');
  expect(response.headers.get('content-type')).toBe('text/plain;charset=UTF-8');
});

it('carries JSON both ways', async () => {
  const body = JSON.stringify({ text: 'é🌍' });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${gateway.url}/v1/json`, { method: 'POST', body, headers });
  expect(response.status).toBe(202);
  expect(await response.json()).toEqual({ got: { text: 'é🌍' } });
});

it('carries JSON that a careless client called a form', async () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await fetch(`${gateway.url}/v1/json`, { method: 'POST', body: '{"a":1}', headers });
  expect(await response.json()).toEqual({ got: { a: 1 } });
});

it('carries a form', async () => {
  const response = await fetch(`${gateway.url}/v1/form`, {
    method: 'POST',
    body: new URLSearchParams({ a: 'é' }),
  });
  expect(await response.json()).toEqual({ a: 'é' });
});

it('carries bytes back', async () => {
  const response = await fetch(`${gateway.url}/v1/bytes`);
  expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 128]);
});

it('carries several cookies back', async () => {
  const response = await fetch(`${gateway.url}/v1/cookies`);
  expect(response.status).toBe(204);
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
});

it("carries the application's own 404", async () => {
  const response = await fetch(`${gateway.url}/v1/nothing`);
  expect([response.status, await response.text()]).toEqual([404, '404 Not Found']);
});
