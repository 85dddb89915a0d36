import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { listenOnePort, type OnePortServer } from '../../../local/bedrock/wire/one-port-server.ts';

let server: OnePortServer;
const bodies: string[] = [];

beforeEach(async () => {
  bodies.length = 0;
  server = await listenOnePort(0, async (exchange) => {
    const body = await exchange.readBody(10);
    bodies.push(body.kind);
    exchange.respond({ status: 200, headers: {}, body: body.kind === 'whole' ? body.text : body.kind });
  });
});
afterEach(() => server.close());

async function overHttp1(pieces: readonly string[]): Promise<string> {
  const socket = connect({ port: server.port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  for (const piece of pieces) {
    socket.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.end();
  return text(socket);
}

async function overHttp2(body: string): Promise<string> {
  const session = connectHttp2(`http://127.0.0.1:${server.port}`);
  const stream = session.request({ ':method': 'POST', ':path': '/' });
  stream.end(body);
  const answer = await text(stream);
  session.close();
  return answer;
}

const post = 'POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 5\r\n\r\nhello';

it.each([
  ['at once', [post]],
  ['byte by byte, from the P that HTTP/2 starts with too', [...post]],
])('speaks HTTP/1.1 that comes %s', async (_how, pieces) => {
  expect(await overHttp1(pieces)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nhello$/);
});

it('answers several requests on one connection', async () => {
  expect((await overHttp1([post + post, post])).match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
});

it('speaks HTTP/2 with prior knowledge', async () => {
  expect(await overHttp2('hello')).toBe('hello');
});

it('says what is too large, and lives on', async () => {
  expect(await overHttp2('hello world')).toBe('too_large');
  expect(await overHttp2('hello')).toBe('hello');
});

it('lives on after garbage of either kind', async () => {
  await overHttp1(['PRI * HTTP/2.0\r\n\r\nXX']);
  await overHttp1([`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${'junk'.repeat(20)}`]).catch(() => undefined);
  await overHttp1(['P']);
  expect(await overHttp2('hello')).toBe('hello');
});

it.each([
  ['HTTP/1.1', () => overHttp1(['POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 5\r\n\r\nhe'])],
  [
    'HTTP/2',
    async () => {
      const session = connectHttp2(`http://127.0.0.1:${server.port}`);
      const stream = session.request({ ':method': 'POST', ':path': '/', 'content-length': 5 });
      stream.on('error', () => undefined);
      stream.write('he', () => stream.close(8));
      await new Promise((resolve) => stream.once('close', resolve));
      session.close();
    },
  ],
])('tells that a body over %s was cut off', async (_protocol, send) => {
  await send();
  while (bodies.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(bodies).toEqual(['cut_off']);
});

it('closes under open connections, and twice', async () => {
  const socket = connect(server.port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await server.close();
  await closed;
  await expect(server.close()).resolves.toBeUndefined();
});
