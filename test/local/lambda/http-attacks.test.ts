import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type HttpGateway, startHttpGateway } from '../../../local/lambda/http-gateway.ts';

let gateway: HttpGateway;
let events: APIGatewayProxyEventV2[];
let errors: unknown[];
let result: unknown;
beforeEach(async () => {
  events = [];
  errors = [];
  result = { statusCode: 200, body: 'ok' };
  gateway = await startHttpGateway({
    port: 0,
    routes: [
      { method: 'GET', path: '/a/{id}', function: 'echo' },
      { method: 'POST', path: '/p', function: 'echo' },
      { method: 'ANY', path: '/any/{rest+}', function: 'echo' },
    ],
    functions: {
      echo: {
        handler: async (event) => {
          events.push(event);
          return result;
        },
        timeoutSeconds: 5,
        memoryMb: 128,
      },
    },
    onError: (error) => errors.push(error),
  });
});
afterEach(() => gateway.close());

/** Everything that comes back to these very bytes. */
async function exchange(bytes: string): Promise<string> {
  const socket = connect({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.end(Buffer.from(bytes, 'latin1'));
  return text(socket);
}

const request = (line: string, ...headers: readonly string[]) =>
  `${line} HTTP/1.1\r\nhost: here\r\n${headers.map((header) => `${header}\r\n`).join('')}connection: close\r\n\r\n`;

const statusOf = (answer: string) => answer.split(' ', 2)[1];

describe('a request line', () => {
  it.each([
    ['GET /any/a/../b', '/any/b', ''],
    ['GET /any/%2e%2e/any/c', '/any/c', ''],
    ['GET /any//evil.example//', '/any//evil.example//', ''],
    ['GET http://other.example/any/a?b=1', '/any/a', 'b=1'],
    ['GET /any/a#b?c', '/any/a', ''],
    ['GET /any/a;b=1?c;d', '/any/a;b=1', 'c;d'],
    ['GET /any/%C3%A9%00', '/any/é\u0000', ''],
    ['GET /any/a%2Fb%3Fc?d=1', '/any/a/b', 'd=1'],
    ['GET /any/a?x=1?y=2', '/any/a', 'x=1?y=2'],
    ['HEAD /any/a', '/any/a', ''],
    ['OPTIONS /any/a', '/any/a', ''],
    ['TRACE /any/a', '/any/a', ''],
  ])('%s reaches the function', async (line, rawPath, rawQueryString) => {
    expect(statusOf(await exchange(request(line)))).toBe('200');
    expect(events).toMatchObject([{ rawPath, rawQueryString }]);
  });

  it.each(['GET /any/%zz', 'GET /any/%ff', 'GET /any/\u00e9', 'BREW /any/a', 'OPTIONS *', 'GET any'])(
    '%s is a 400',
    async (line) => {
      expect(statusOf(await exchange(request(line)))).toBe('400');
      expect(events).toEqual([]);
    },
  );

  it('of HEAD is answered without a body, with its length', async () => {
    const answer = await exchange(request('HEAD /any/a'));
    expect(answer).toContain('content-length: 2\r\n');
    expect(answer.endsWith('\r\n\r\n')).toBe(true);
  });

  it('keeps odd queries as they are, and makes no prototype of them', async () => {
    await exchange(request('GET /any/a?a=1&a=2&=x&b&c=%zz&d=a+b&__proto__=1&constructor=2'));
    expect(Object.entries(events[0]?.queryStringParameters ?? {})).toEqual([
      ['a', '1,2'],
      ['', 'x'],
      ['b', ''],
      ['c', '%zz'],
      ['d', 'a b'],
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });
});

describe('headers of a request', () => {
  it('are joined, and cookies taken apart', async () => {
    await exchange(request('GET /a/1', 'x-a: 1', 'X-A: 2', 'cookie: a=1; b=2', 'cookie: c=3;;d'));
    expect(events[0]?.headers['x-a']).toBe('1,2');
    expect(events[0]?.cookies).toEqual(['a=1', 'b=2', 'c=3', 'd']);
  });

  it.each([
    ['two hosts', request('GET /a/1', 'host: there')],
    ['no host', 'GET /a/1 HTTP/1.1\r\nconnection: close\r\n\r\n'],
    ['a host that is none', 'GET /a/1 HTTP/1.1\r\nhost: a b/c?d\r\nconnection: close\r\n\r\n'],
    ['two lengths', `${request('POST /p', 'content-length: 3', 'content-length: 4')}abc`],
    ['a length below zero', `${request('POST /p', 'content-length: -3')}abc`],
    [
      'a length and chunks',
      `${request('POST /p', 'content-length: 3', 'transfer-encoding: chunked')}0\r\n\r\n`,
    ],
  ])('with %s are a 400', async (_what, bytes) => {
    expect(statusOf(await exchange(bytes))).toBe('400');
    expect(events).toEqual([]);
  });

  it('of more than 16 KB are a 431', async () => {
    expect(statusOf(await exchange(request('GET /a/1', `x-big: ${'x'.repeat(20_000)}`)))).toBe('431');
  });

  it('of a page of another site are a 403, before anything runs', async () => {
    const answer = await exchange(request('GET /a/1', 'origin: https://evil.example'));
    expect(statusOf(answer)).toBe('403');
    expect(answer).toContain('{"message":"Forbidden"}');
    const rebound = 'GET /a/1 HTTP/1.1\r\nhost: evil.example:8787\r\nconnection: close\r\n\r\n';
    expect(statusOf(await exchange(rebound))).toBe('403');
    expect(statusOf(await exchange(request('GET /a/1', 'origin: http://localhost:3000')))).toBe('200');
    expect(events).toHaveLength(1);
  });
});

describe('a body', () => {
  it('that waits to be asked for is asked for', async () => {
    const head = request('POST /p', 'expect: 100-continue', 'content-type: text/plain', 'content-length: 3');
    expect(await exchange(`${head}abc`)).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
    expect(events).toMatchObject([{ body: 'abc' }]);
    expect(events[0]?.headers).not.toHaveProperty('expect');
  });

  it('with another expectation is a 417', async () => {
    expect(statusOf(await exchange(request('POST /p', 'expect: magic')))).toBe('417');
  });

  it('in chunks has a length in the end, and no trailers', async () => {
    const head = request('POST /p', 'content-type: text/plain', 'transfer-encoding: chunked');
    await exchange(`${head}2\r\nab\r\n1\r\nc\r\n0\r\nx-trailer: 1\r\n\r\n`);
    expect(events).toMatchObject([{ body: 'abc', headers: { 'content-length': '3' } }]);
    expect(events[0]?.headers).not.toHaveProperty('x-trailer');
  });

  it.each([
    ['cut off in a chunk', 'transfer-encoding: chunked', '5\r\nab'],
    ['cut off before its length', 'content-length: 10', 'ab'],
    ['whose chunks are none', 'transfer-encoding: chunked', 'zz\r\n'],
  ])('%s reaches no function', async (_what, header, rest) => {
    await exchange(`${request('POST /p', header)}${rest}`).catch(() => '');
    expect(statusOf(await exchange(request('GET /a/1')))).toBe('200');
    expect(events).toMatchObject([{ rawPath: '/a/1' }]);
  });

  it('that is compressed stays so, as base64', async () => {
    const head = request(
      'POST /p',
      'content-type: application/json',
      'content-encoding: gzip',
      'content-length: 3',
    );
    await exchange(`${head}\u001f\u008b\u0008`);
    expect(events).toMatchObject([{ body: 'H4sI', isBase64Encoded: true }]);
  });

  it('that never ends does not keep the gateway from closing', async () => {
    const socket: Socket = connect(gateway.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    // Answered after the half body has come, since one server reads in the order of arrival.
    socket.write('POST /p HTTP/1.1\r\nhost: here\r\ncontent-length: 10\r\n\r\nab');
    expect(statusOf(await exchange(request('GET /a/1')))).toBe('200');
    await gateway.close();
    await closed;
    expect(events).toHaveLength(1);
  });
});

describe('a result', () => {
  const answerTo = async (value: unknown) => {
    result = value;
    return exchange(request('GET /a/1'));
  };

  it.each([
    ['a header with a line break', { statusCode: 200, headers: { 'x-a': 'b\r\nset-cookie: evil=1' } }],
    ['a header whose name has a line break', { statusCode: 200, headers: { 'x-a\r\nevil': 'b' } }],
    ['a cookie with a line break', { statusCode: 200, cookies: ['a=1\r\nx-evil: y'] }],
    ['a header beyond Latin-1', { statusCode: 200, headers: { 'x-a': '€' } }],
    ['a header that is an object', { statusCode: 200, headers: { 'x-a': { b: 1 } } }],
    ['a header that is a list', { statusCode: 200, headers: { 'x-a': ['b', 'c'] } }],
    ['a cookie that is no text', { statusCode: 200, cookies: [null] }],
    ['a status in a list', { statusCode: [200] }],
    ['a hexadecimal status', { statusCode: '0xC8' }],
    ['a fraction of a status', { statusCode: 200.5 }],
    ['a status of null', { statusCode: null }],
    ['a status that switches protocols', { statusCode: 101 }],
    ['a status beyond 599', { statusCode: 600 }],
    ['a BigInt', { statusCode: 200, count: 1n }],
    ['a member that throws', Object.defineProperty({}, 'statusCode', { get: () => JSON.parse('{') })],
  ])('with %s is a 500 and nothing else', async (_what, value) => {
    const answer = await answerTo(value);
    expect(answer).toMatch(/^HTTP\/1\.1 500 Internal Server Error\r\n/);
    expect(answer).toMatch(/\r\n\r\n\{"message":"Internal Server Error"\}$/);
    expect(answer).not.toContain('evil');
  });

  it('cannot change how it is sent', async () => {
    const headers = {
      'transfer-encoding': 'chunked',
      'content-length': '1',
      connection: 'upgrade',
      'keep-alive': 'b',
      'proxy-connection': 'a',
      te: 'trailers',
      trailer: 'x-a',
      upgrade: 'websocket',
      'apigw-requestid': 'mine',
    };
    const answer = await answerTo({ statusCode: 200, headers, body: 'hello' });
    expect(answer.replace(/(date|apigw-requestid): .*\r\n/gi, '')).toBe(
      'HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 5\r\nConnection: close\r\n\r\nhello',
    );
    expect(answer).not.toContain('mine');
  });

  it('leaves out headers of null and writes numbers and truths as text', async () => {
    const answer = await answerTo({ statusCode: '201', headers: { 'x-a': null, 'x-b': 5, 'x-c': true } });
    expect(answer).toMatch(/^HTTP\/1\.1 201 Created\r\n/);
    expect(answer).toContain('x-b: 5\r\nx-c: true\r\n');
    expect(answer).not.toContain('x-a');
  });

  it.each([204, 304])('of %i has no body', async (statusCode) => {
    const answer = await answerTo({ statusCode, body: 'x' });
    expect(answer.endsWith('\r\n\r\n')).toBe(true);
  });
});
