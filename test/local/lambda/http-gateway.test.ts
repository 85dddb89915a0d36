import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import {
  type HttpGateway,
  type HttpGatewayOptions,
  startHttpGateway,
} from '../../../local/lambda/http-gateway.ts';
import { VirtualTimers } from './virtual-timers.ts';

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<unknown>;

const gateways: HttpGateway[] = [];
const errors: unknown[] = [];

async function serve(handler: Handler, overrides: Partial<HttpGatewayOptions> = {}, timers?: VirtualTimers) {
  const options: HttpGatewayOptions = {
    port: 0,
    routes: [
      { method: 'GET', path: '/v1/requests/{id}', function: 'query' },
      { method: 'POST', path: '/v1/requests', function: 'query' },
    ],
    functions: { query: { handler, timeoutSeconds: 10, memoryMb: 256 } },
    onError: (error) => errors.push(error),
    ...overrides,
  };
  const gateway = await startHttpGateway(options, timers);
  gateways.push(gateway);
  return gateway;
}

/** Serves with a function that hands back nothing but remembers its events. */
async function listenForEvents(overrides: Partial<HttpGatewayOptions> = {}) {
  const events: APIGatewayProxyEventV2[] = [];
  const gateway = await serve(async (event) => {
    events.push(event);
    return { statusCode: 204 };
  }, overrides);
  return { gateway, events };
}

function post(
  gateway: HttpGateway,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${gateway.url}/v1/requests`, { method: 'POST', body, headers });
}

/** A page at /ops that never ends. */
async function interceptWithStream(request: Request): Promise<Response | undefined> {
  if (!request.url.endsWith('/ops')) return undefined;
  return new Response(new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('.')) }));
}

function deferred() {
  let open: (value?: unknown) => void = () => {};
  const opened = new Promise<unknown>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
  errors.splice(0);
});

describe('the event', () => {
  it('is a payload 2.0 event', async () => {
    const { gateway, events } = await listenForEvents({ accountId: '123456789012' });
    await fetch(`${gateway.url}/v1/requests/r%201?wait=5&tag=a&tag=b%2Cc&empty=`, {
      headers: {
        cookie: 'session=abc; theme=dark',
        'user-agent': 'curl/8.2.1',
        'X-Tenant': 'Blue',
        'x-forwarded-for': '203.0.113.7',
        'x-amzn-trace-id': 'Root=1-661d',
        accept: 'application/json',
        'accept-language': 'en',
        'accept-encoding': 'identity',
        'sec-fetch-mode': 'cors',
      },
    });
    const { requestId, time, timeEpoch } = events[0]?.requestContext ?? {};
    expect(requestId).toMatch(/^[A-Za-z0-9+/]{15}=$/);
    expect(time).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    expect(Math.abs(Date.now() - Number(timeEpoch))).toBeLessThan(60_000);
    expect(events[0]).toEqual({
      version: '2.0',
      routeKey: 'GET /v1/requests/{id}',
      rawPath: '/v1/requests/r 1',
      rawQueryString: 'wait=5&tag=a&tag=b%2Cc&empty=',
      cookies: ['session=abc', 'theme=dark'],
      headers: {
        accept: 'application/json',
        'accept-encoding': 'identity',
        'accept-language': 'en',
        host: `127.0.0.1:${gateway.port}`,
        'sec-fetch-mode': 'cors',
        'user-agent': 'curl/8.2.1',
        'x-amzn-trace-id': 'Root=1-661d',
        'x-forwarded-for': '203.0.113.7, 127.0.0.1',
        'x-forwarded-port': String(gateway.port),
        'x-forwarded-proto': 'http',
        'x-tenant': 'Blue',
      },
      queryStringParameters: { wait: '5', tag: 'a,b,c', empty: '' },
      requestContext: {
        accountId: '123456789012',
        apiId: 'local',
        domainName: '127.0.0.1',
        domainPrefix: '127',
        http: {
          method: 'GET',
          path: '/v1/requests/r 1',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'curl/8.2.1',
        },
        requestId,
        routeKey: 'GET /v1/requests/{id}',
        stage: '$default',
        time,
        timeEpoch,
      },
      pathParameters: { id: 'r 1' },
      isBase64Encoded: false,
    });
  });

  it('joins repeated headers with a comma', async () => {
    const { gateway, events } = await listenForEvents();
    await new Promise((resolve) => {
      const headers = ['host', 'localhost', 'X-Tag', 'one', 'x-tag', 'two', 'cookie', 'a=1', 'cookie', 'b=2'];
      httpRequest(`${gateway.url}/v1/requests/r`, { headers, agent: new Agent() }, resolve).end();
    });
    expect(events[0]?.headers['x-tag']).toBe('one,two');
    expect(events[0]?.cookies).toEqual(['a=1', 'b=2']);
  });

  it.each([
    ['application/json', false],
    ['application/json; charset=utf-8', false],
    ['application/xml', false],
    ['application/javascript', false],
    ['text/csv', false],
    ['Text/Plain;charset=UTF-8', false],
    ['application/problem+json', true],
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
    ['image/png', true],
    ['', true],
  ])('carries a body of type "%s" with isBase64Encoded %p', async (type, isBase64Encoded) => {
    const { gateway, events } = await listenForEvents();
    await post(gateway, Buffer.from('{"text":"é🌍"}'), type === '' ? {} : { 'content-type': type });
    expect(events[0]?.isBase64Encoded).toBe(isBase64Encoded);
    expect(events[0]?.body).toBe(isBase64Encoded ? 'eyJ0ZXh0Ijoiw6nwn4yNIn0=' : '{"text":"é🌍"}');
    expect(events[0]?.headers['content-length']).toBe('17');
  });

  it('tells the length of a body that came in chunks', async () => {
    const { gateway, events } = await listenForEvents();
    const init = { method: 'POST', body: new Blob(['four']).stream(), duplex: 'half' };
    await fetch(`${gateway.url}/v1/requests`, init as RequestInit);
    expect(events[0]?.headers['content-length']).toBe('4');
    expect(events[0]?.headers['transfer-encoding']).toBeUndefined();
  });

  it('keeps bytes that are not UTF-8 as base64', async () => {
    const { gateway, events } = await listenForEvents();
    await post(gateway, Buffer.from([0xff, 0x00]), { 'content-type': 'application/json' });
    expect(events[0]).toMatchObject({ body: '/wA=', isBase64Encoded: true });
  });

  it('has no query, cookies, parameters or body when there are none', async () => {
    const { gateway, events } = await listenForEvents();
    await fetch(`${gateway.url}/v1/requests`, { method: 'POST' });
    const absent = ['queryStringParameters', 'cookies', 'pathParameters', 'body'];
    expect(Object.keys(events[0] ?? {}).filter((key) => absent.includes(key))).toEqual([]);
    expect(events[0]?.rawQueryString).toBe('');
  });
});

describe('routes', () => {
  it('answers 404 as API Gateway does', async () => {
    const { gateway } = await listenForEvents();
    const response = await fetch(`${gateway.url}/v1/nothing`);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.text()).toBe('{"message":"Not Found"}');
  });

  it('sends the rest to the fallback', async () => {
    const { gateway, events } = await listenForEvents({ fallback: 'query' });
    await fetch(`${gateway.url}/anything`);
    expect(events[0]).toMatchObject({ routeKey: '$default', rawPath: '/anything' });
  });

  it('matches the decoded path', async () => {
    const { gateway, events } = await listenForEvents();
    expect((await fetch(`${gateway.url}/v1/requests/a%2Fb`)).status).toBe(404);
    await fetch(`${gateway.url}/v1/requests/a%3Fadmin=true`);
    expect(events.map((event) => event.rawPath)).toEqual(['/v1/requests/a']);
    expect((await fetch(`${gateway.url}/v1/requests/%E0%A4%A`)).status).toBe(400);
  });

  it('tries the local pages first', async () => {
    const { gateway, events } = await listenForEvents({
      intercept: async (request) => (request.url.endsWith('/ops') ? new Response('page') : undefined),
    });
    expect(await (await fetch(`${gateway.url}/ops`)).text()).toBe('page');
    expect(events).toEqual([]);
    await post(gateway, '{}', { 'content-type': 'application/json' });
    expect(events.map((event) => event.body)).toEqual(['{}']);
  });

  it('refuses routes to functions that do not exist', async () => {
    const routes = [{ method: 'GET', path: '/', function: 'qwery' }];
    await expect(serve(async () => 'x', { routes, fallback: 'other' })).rejects.toThrow(
      'routes name the unknown functions qwery, other; known are query',
    );
  });
});

describe('the answer', () => {
  it.each<[string, unknown, number, string, string]>([
    ['an object', { ok: true }, 200, 'application/json', '{"ok":true}'],
    ['a string', 'Hello', 200, 'application/json', 'Hello'],
    ['a list', [1], 200, 'application/json', '[1]'],
    ['nothing', undefined, 200, 'application/json', 'null'],
    ['a status without a body', { statusCode: 202 }, 202, 'text/plain; charset=utf-8', ''],
    ['text', { statusCode: 201, body: 'é' }, 201, 'text/plain; charset=utf-8', 'é'],
    [
      'typed text',
      { statusCode: 200, headers: { 'Content-Type': 'text/html' }, body: '<p>' },
      200,
      'text/html',
      '<p>',
    ],
    ['a wrong status', { statusCode: 'two' }, 500, 'application/json', '{"message":"Internal Server Error"}'],
    [
      'an informational status',
      { statusCode: 101 },
      500,
      'application/json',
      '{"message":"Internal Server Error"}',
    ],
    [
      'a body that is no string',
      { statusCode: 200, body: { a: 1 } },
      500,
      'application/json',
      '{"message":"Internal Server Error"}',
    ],
    [
      'an impossible header',
      { statusCode: 200, headers: { 'bad name': 'x' } },
      500,
      'application/json',
      '{"message":"Internal Server Error"}',
    ],
  ])('is made of %s', async (_name, result, status, type, body) => {
    const gateway = await serve(async () => result);
    const response = await fetch(`${gateway.url}/v1/requests/r`);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      status,
      type,
      body,
    ]);
    expect(response.headers.get('apigw-requestid')).toMatch(/^[A-Za-z0-9+/]{15}=$/);
  });

  it('decodes base64, sets cookies, keeps joined headers and corrects the length', async () => {
    const gateway = await serve(async () => ({
      statusCode: 200,
      headers: { 'content-type': 'image/png', vary: 'accept, origin', 'x-count': 3, 'content-length': '999' },
      cookies: ['a=1; Path=/', 'b=2'],
      body: '/wABAg==',
      isBase64Encoded: true,
    }));
    const response = await fetch(`${gateway.url}/v1/requests/r`);
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([255, 0, 1, 2]);
    expect(response.headers.get('content-length')).toBe('4');
    expect(response.headers.get('vary')).toBe('accept, origin');
    expect(response.headers.get('x-count')).toBe('3');
    expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2']);
  });

  it('has no body with 204 even when the function gives one', async () => {
    const gateway = await serve(async () => ({ statusCode: 204, body: 'surprise' }));
    const response = await fetch(`${gateway.url}/v1/requests/r`);
    expect([response.status, await response.text()]).toEqual([204, '']);
  });

  it('is 500 when the function throws', async () => {
    const gateway = await serve(() => Promise.reject(new Error('boom')));
    const response = await fetch(`${gateway.url}/v1/requests/r`);
    expect([response.status, await response.text()]).toEqual([500, '{"message":"Internal Server Error"}']);
    expect(errors).toEqual([new Error('boom')]);
  });

  it('is 500 when the result is above what Lambda may return', async () => {
    const gateway = await serve(async () => ({ statusCode: 200, body: '"'.repeat(3 * 1024 * 1024 + 1) }));
    const response = await fetch(`${gateway.url}/v1/requests/r`);
    expect([response.status, await response.text()]).toEqual([500, '{"message":"Internal Server Error"}']);
  });
});

describe('limits', () => {
  it('answers 503 when the function times out', async () => {
    const timers = new VirtualTimers();
    const started = deferred();
    const gateway = await serve(
      () => {
        started.open();
        return new Promise(() => {});
      },
      {},
      timers,
    );
    const answer = fetch(`${gateway.url}/v1/requests/r`);
    await started.opened;
    await timers.advance(10_000);
    const response = await answer;
    expect([response.status, await response.text()]).toEqual([503, '{"message":"Service Unavailable"}']);
    expect(errors).toHaveLength(1);
  });

  it('answers 503 after 30 s though the function may take longer, and lets it go on', async () => {
    const timers = new VirtualTimers();
    const started = deferred();
    let remainingMs = 0;
    const handler: Handler = async (_event, context) => {
      started.open();
      return new Promise(() => {
        remainingMs = context.getRemainingTimeInMillis();
      });
    };
    const gateway = await serve(
      handler,
      { functions: { query: { handler, timeoutSeconds: 60, memoryMb: 256 } } },
      timers,
    );
    const answer = fetch(`${gateway.url}/v1/requests/r`);
    await started.opened;
    await timers.advance(30_000);
    expect((await answer).status).toBe(503);
    expect(remainingMs).toBe(60_000);
    expect(timers.pending).toBe(1);
  });

  it('keeps events in line while so many are in hand, and forgets those whose client has gone', async () => {
    const begun: string[] = [];
    const started = deferred();
    const finish = deferred();
    const handler: Handler = async ({ rawPath }) => {
      begun.push(rawPath);
      started.open();
      await finish.opened;
      return { statusCode: 204 };
    };
    const gone = new AbortController();
    let events = 0;
    const inLine = deferred();
    const gateway = await serve(handler, {
      functions: { query: { handler, timeoutSeconds: 10, memoryMb: 256, atOnce: 1 } },
      onEvent: (_event, left) => {
        events += 1;
        if (events === 2) left.addEventListener('abort', inLine.open);
        if (events === 2) gone.abort();
      },
    });
    const first = fetch(`${gateway.url}/v1/requests/first`);
    await started.opened;
    const second = fetch(`${gateway.url}/v1/requests/second`, { signal: gone.signal });
    await expect(second).rejects.toThrow();
    await inLine.opened;
    const third = fetch(`${gateway.url}/v1/requests/third`);
    finish.open();
    expect([(await first).status, (await third).status]).toEqual([204, 204]);
    expect(begun).toEqual(['/v1/requests/first', '/v1/requests/third']);
  });

  it('answers 503 after 30 s in line, and never begins it', async () => {
    const timers = new VirtualTimers();
    const begun: string[] = [];
    const started = deferred();
    const inLine = deferred();
    const handler: Handler = async ({ rawPath }) => {
      begun.push(rawPath);
      started.open();
      return new Promise(() => {});
    };
    const gateway = await serve(
      handler,
      {
        functions: { query: { handler, timeoutSeconds: 60, memoryMb: 256, atOnce: 1 } },
        onEvent: ({ rawPath }) => {
          if (rawPath.endsWith('second')) setImmediate(inLine.open);
        },
      },
      timers,
    );
    const first = fetch(`${gateway.url}/v1/requests/first`);
    await started.opened;
    const second = fetch(`${gateway.url}/v1/requests/second`);
    await inLine.opened;
    await timers.advance(30_000);
    expect([(await first).status, (await second).status]).toEqual([503, 503]);
    await timers.advance(30_000);
    expect(begun).toEqual(['/v1/requests/first']);
  });

  it.each([
    ['a declared length', 'x'.repeat(6 * 1024 * 1024 + 1)],
    ['JSON escapes', '"'.repeat(3 * 1024 * 1024)],
  ])('answers 413 above 6 MB by %s', async (_name, body) => {
    const { gateway, events } = await listenForEvents();
    const response = await post(gateway, body, { 'content-type': 'application/json' });
    expect([response.status, await response.text()]).toEqual([413, '{"message":"Request Entity Too Large"}']);
    expect(events).toEqual([]);
  });

  it('answers 413 to a declared length without waiting for the body', async () => {
    const { gateway } = await listenForEvents();
    const answer = await new Promise((resolve) => {
      const socket = connect(gateway.port, '127.0.0.1', () => {
        socket.write(
          `POST /v1/requests HTTP/1.1\r\nhost: x\r\ncontent-length: ${6 * 1024 * 1024 + 1}\r\n\r\n`,
        );
      });
      socket.once('data', (data) => {
        socket.destroy();
        resolve(data.toString().split('\r\n')[0]);
      });
    });
    expect(answer).toBe('HTTP/1.1 413 Payload Too Large');
  });

  it('leaves no timer behind', async () => {
    const timers = new VirtualTimers();
    const gateway = await serve(async () => 'done', {}, timers);
    await fetch(`${gateway.url}/v1/requests/r`);
    expect(timers.pending).toBe(0);
  });

  it('takes a body just below the limit', async () => {
    const { gateway, events } = await listenForEvents();
    const response = await post(gateway, 'x'.repeat(6 * 1024 * 1024 - 4096), {
      'content-type': 'text/plain',
    });
    expect(response.status).toBe(204);
    expect(events[0]?.body).toHaveLength(6 * 1024 * 1024 - 4096);
  });
});

describe('connections', () => {
  it('survives clients that go away while sending or waiting', async () => {
    const started = deferred();
    const gate = deferred();
    const gateway = await serve(async () => {
      started.open();
      await gate.opened;
      return 'late';
    });
    const half = connect(gateway.port, '127.0.0.1', () => {
      half.write('POST /v1/requests HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"half', () =>
        half.destroy(),
      );
    });
    const abort = new AbortController();
    const waiting = fetch(`${gateway.url}/v1/requests/r`, { signal: abort.signal }).catch(
      (error) => error.name,
    );
    await started.opened;
    abort.abort();
    expect(await waiting).toBe('AbortError');
    gate.open();
    expect((await fetch(`${gateway.url}/v1/requests/r`)).status).toBe(200);
  });

  it('rejects when the port is taken', async () => {
    const { gateway } = await listenForEvents();
    await expect(listenForEvents({ port: gateway.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('finishes running requests on close, in full, and takes no more', async () => {
    const started = deferred();
    const gate = deferred();
    const gateway = await serve(async () => {
      started.open();
      await gate.opened;
      return { statusCode: 200, body: 'x'.repeat(5 * 1024 * 1024) };
    });
    const answer = fetch(`${gateway.url}/v1/requests/r`).then((response) => response.text());
    await started.opened;
    const closing = gateway.close();
    await expect(fetch(`${gateway.url}/v1/requests/r`)).rejects.toThrow('fetch failed');
    gate.open();
    expect(await answer).toHaveLength(5 * 1024 * 1024);
    await closing;
  });

  it('cuts local streams off only when the running requests are answered', async () => {
    const started = deferred();
    const gate = deferred();
    const handler: Handler = async () => {
      started.open();
      await gate.opened;
      return 'done';
    };
    const gateway = await serve(handler, { intercept: interceptWithStream });
    const stream = await fetch(`${gateway.url}/ops`);
    const answer = fetch(`${gateway.url}/v1/requests/r`).then((response) => response.text());
    await started.opened;
    const closing = gateway.close();
    gate.open();
    expect(await answer).toBe('done');
    await closing;
    await expect(stream.text()).rejects.toThrow('terminated');
  });

  it('closes idle and half-open connections and local streams at once', async () => {
    const { gateway } = await listenForEvents({ intercept: interceptWithStream });
    await fetch(`${gateway.url}/v1/requests/r`);
    const events = await fetch(`${gateway.url}/ops`);
    const idle = connect(gateway.port, '127.0.0.1');
    const ended = new Promise((resolve) => idle.once('close', resolve));
    await new Promise((resolve) => idle.once('connect', resolve));
    await gateway.close();
    await ended;
    await expect(events.text()).rejects.toThrow('terminated');
  });
});
