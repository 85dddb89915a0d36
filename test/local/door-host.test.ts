import { request as requestHttp1 } from 'node:http';
import { connect } from 'node:http2';
import { text } from 'node:stream/consumers';
import { Hono } from 'hono';
import { leftOfCall } from '../../functions/runtime/client-left.ts';
import { createDoorHost } from '../../local/door-host.ts';
import { type HttpGateway, startHttpGateway } from '../../local/lambda/http-gateway.ts';
import { VirtualTimers } from './lambda/virtual-timers.ts';

const JS = { 'x-stainless-lang': 'js' };

describe('a door whose answers take their time', () => {
  let gateway: HttpGateway;
  let timers: VirtualTimers;
  let answer: () => void;
  let asked: Promise<void>;
  let left: AbortSignal | undefined;

  beforeEach(async () => {
    timers = new VirtualTimers();
    let tellAsked = (): void => {};
    asked = new Promise((resolve) => {
      tellAsked = resolve;
    });
    const app = new Hono().all('*', (context) => {
      left = leftOfCall(context);
      tellAsked();
      return new Promise<Response>((resolve) => {
        answer = () => resolve(new Response('at last'));
      });
    });
    gateway = await startHttpGateway({
      port: 0,
      routes: [{ method: 'GET', path: '/v1/echo', function: 'query' }],
      functions: {
        query: { timeoutSeconds: 30, memoryMb: 128, handler: async (event) => event.headers.host },
      },
      functionUrl: createDoorHost({ app, flush: () => {} }, timers),
    });
  });

  afterEach(async () => {
    answer();
    await gateway.close();
  });

  const askOverHttp1 = (headers: Readonly<Record<string, string>>) => {
    const statuses: (number | undefined)[] = [];
    const done = new Promise<string>((resolve, reject) => {
      const request = requestHttp1(`${gateway.url}/openai/v1/x`, { method: 'POST', headers, agent: false });
      request.on('information', ({ statusCode }) => statuses.push(statusCode));
      request.on('response', (response) => {
        statuses.push(response.statusCode);
        resolve(text(response));
      });
      request.on('error', reject);
      request.end('{}');
    });
    return { statuses, done };
  };

  it.each([
    ['that need it', JS, [102, 102, 200]],
    ['and to no others: some take the first status for the last', {}, [200]],
  ])('says once a minute that it is there, to clients %s', async (_, headers, expected) => {
    const { statuses, done } = askOverHttp1(headers);
    await asked;
    await timers.advance(150_000);
    answer();
    expect(await done).toBe('at last');
    expect(statuses).toEqual(expected);
    expect(timers.pending).toBe(0);
  });

  const askOverHttp2 = (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const session = connect(gateway.url);
    const stream = session.request({
      ':method': path.startsWith('/v1') ? 'GET' : 'POST',
      ':path': path,
      ...headers,
    });
    const statuses: unknown[] = [];
    stream.on('headers', (head) => statuses.push(head[':status']));
    stream.on('response', (head) => statuses.push(head[':status']));
    stream.end();
    return { statuses, session, done: text(stream).finally(() => session.close()) };
  };

  it('speaks HTTP/2 on the same port', async () => {
    const { statuses, done } = askOverHttp2('/bedrock/model/x/converse', JS);
    await asked;
    await timers.advance(60_000);
    answer();
    expect(await done).toBe('at last');
    expect(statuses).toEqual([102, 200]);
  });

  it('leads to the functions over HTTP/2 too', async () => {
    const { done } = askOverHttp2('/v1/echo');
    answer = () => {};
    expect(await done).toBe(`127.0.0.1:${gateway.port}`);
  });

  it('knows of an HTTP/2 client that has gone', async () => {
    const { session, done } = askOverHttp2('/bedrock/model/x/converse');
    await asked;
    const gone = new Promise((resolve) => left?.addEventListener('abort', resolve));
    session.destroy();
    await gone;
    expect(left?.reason).toMatchObject({ name: 'AbortError' });
    await done;
  });
});
