import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttpsWebhooks, type HttpsWebhooksOptions } from '../../shared/adapters/https-webhooks.ts';

type Receiver = (request: IncomingMessage, response: ServerResponse) => void;

const servers: Server[] = [];

const listen = async (receive: Receiver): Promise<{ readonly url: string; readonly calls: string[] }> => {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      calls.push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString()}`);
      receive(request, response);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  servers.push(server);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
};

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
});

const send = (url: string, options: Partial<HttpsWebhooksOptions> = {}) =>
  createHttpsWebhooks({ allowsLoopback: true, ...options }).send({
    url,
    headers: { 'content-type': 'application/json', 'webhook-id': 'evt_1' },
    body: '{"é":1}',
  });

describe('a receiver of webhooks', () => {
  it('is sent the body once, and answers with its status', async () => {
    const { url, calls } = await listen((_, response) => response.writeHead(204).end());
    expect(await send(`${url}/hook?a=1`)).toEqual({ kind: 'answered', statusCode: 204 });
    expect(calls).toEqual(['POST /hook?a=1 {"é":1}']);
  });

  it('is listened to about when to come again', async () => {
    const { url } = await listen((_, response) => response.writeHead(429, { 'retry-after': '7' }).end());
    expect(await send(url)).toEqual({ kind: 'answered', statusCode: 429, retryAfter: '7' });
  });

  it('is not followed to where it redirects', async () => {
    const elsewhere = await listen((_, response) => response.writeHead(200).end());
    const { url } = await listen((_, response) => response.writeHead(307, { location: elsewhere.url }).end());
    expect(await send(url)).toEqual({ kind: 'answered', statusCode: 307 });
    expect(elsewhere.calls).toEqual([]);
  });

  it('is given up when it says nothing, or begins and does not end', async () => {
    const silent = await listen(() => {});
    expect(await send(silent.url, { timeoutMs: 50 })).toEqual({ kind: 'not_answered', fault: 'timed_out' });
    const slow = await listen((_, response) => response.socket?.write('HTTP/1.1 200 OK\r\nx-one: 1\r\n'));
    expect(await send(slow.url, { timeoutMs: 50 })).toEqual({ kind: 'not_answered', fault: 'timed_out' });
  });

  it('is not read beyond its status, however much it sends', async () => {
    let sentBytes = 0;
    let isCut: () => void = () => {};
    const cut = new Promise<void>((resolve) => {
      isCut = resolve;
    });
    const { url } = await listen((_, response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(65_536);
      const more = (): void => {
        sentBytes += chunk.length;
        if (response.write(chunk)) setImmediate(more);
      };
      response.on('drain', more);
      response.on('close', isCut);
      response.on('error', () => {});
      more();
    });
    expect(await send(url)).toEqual({ kind: 'answered', statusCode: 200 });
    await cut;
    expect(sentBytes).toBeLessThan(64 * 1024 * 1024);
  });

  it.each([
    ['garbage', 'this is no HTTP\r\n\r\n'],
    ['headers without end', `HTTP/1.1 200 OK\r\n${'x-long: 1\r\n'.repeat(10_000)}`],
    ['nothing', ''],
    ['an upgrade', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
  ])('that answers with %s is none that was reached', async (_, bytes) => {
    const { url } = await listen((request) => {
      request.socket.on('error', () => {});
      request.socket.end(bytes);
    });
    expect(await send(url)).toEqual({ kind: 'not_answered', fault: 'not_reached' });
  });

  it('is not reached where nobody listens', async () => {
    expect(await send('http://127.0.0.1:1/')).toEqual({ kind: 'not_answered', fault: 'not_reached' });
  });

  it('has a name that leads to the internet, wherever else it may lead', async () => {
    const resolve = async () => [
      { address: '8.8.8.8', family: 4 },
      { address: '169.254.169.254', family: 4 },
    ];
    expect(await send('https://hooks.example.com/', { resolve })).toEqual({
      kind: 'not_answered',
      fault: 'refused_address',
    });
  });

  it('is called at the address that was looked at, and its name asked for once', async () => {
    const { url, calls } = await listen((_, response) => response.writeHead(200).end());
    let asked = 0;
    const resolve = async () => {
      asked += 1;
      return [{ address: asked === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }];
    };
    const answer = await send(url.replace('127.0.0.1', 'localhost'), { resolve });
    expect(answer).toEqual({ kind: 'answered', statusCode: 200 });
    expect([asked, calls.length]).toEqual([1, 1]);
  });

  it('is not called on this machine where that is not allowed', async () => {
    const { url, calls } = await listen((_, response) => response.writeHead(200).end());
    const refused = { kind: 'not_answered', fault: 'refused_address' };
    expect(await send(url, { allowsLoopback: false })).toEqual(refused);
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
    expect(await send('https://hooks.example.com/', { resolve })).toEqual(refused);
    expect(calls).toEqual([]);
  });

  it('has a name that somebody knows', async () => {
    const resolve = async () => Promise.reject(new Error('ENOTFOUND'));
    const never = () => new Promise<never>(() => {});
    const url = 'https://hooks.example.com/';
    expect(await send(url, { resolve })).toEqual({ kind: 'not_answered', fault: 'name_not_found' });
    expect(await send(url, { resolve: never, timeoutMs: 20 })).toEqual({
      kind: 'not_answered',
      fault: 'timed_out',
    });
  });

  it('shows a certificate', async () => {
    const { url } = await listen((_, response) => response.writeHead(200).end());
    expect(await send(url.replace('http:', 'https:'))).toEqual({ kind: 'not_answered', fault: 'tls' });
  });
});
