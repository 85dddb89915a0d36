import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UndeliveredResponses } from '../../../local/cloud/undelivered-responses.ts';

const REQUEST = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';
const undelivered = new UndeliveredResponses();
let server: Server;
let client: Socket;
let undone: string[];
let arrived: [IncomingMessage, ServerResponse][];
let closed: Promise<unknown>;

beforeEach(async () => {
  undone = [];
  arrived = [];
  server = createServer((request, response) => {
    undelivered.forget(request.socket);
    arrived.push([request, response]);
    server.emit('arrived');
  });
  server.on('connection', (socket) => {
    closed = new Promise((resolve) => socket.once('close', resolve));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  client = new Socket();
  client.on('error', () => {});
});
afterEach(async () => {
  client.destroy();
  server.closeAllConnections();
  await once(server.close(), 'close');
});

async function ask(requests = 1): Promise<void> {
  const before = arrived.length;
  // What is paused before it is connected reads nothing at all.
  if (client.pending) client.connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write(REQUEST.repeat(requests));
  while (arrived.length < before + requests) await once(server, 'arrived');
}

function answer(index: number, body = 'a'): void {
  const [request, response] = arrived[index] ?? [];
  if (request === undefined || response === undefined) throw new Error(`There is no request ${index}.`);
  undelivered.watch(request, response, () => undone.push(`response ${index}`));
  response.end(body);
}

test('a reader who closed before the response was written, though the server had not seen it yet', async () => {
  await ask();
  client.destroy();
  answer(0);
  await closed;
  expect(undone).toEqual(['response 0']);
});

test('a reader who closes with the response unread', async () => {
  client.pause();
  await ask();
  answer(0);
  while (!arrived[0]?.[1].writableFinished) await nextTurn();
  client.destroy();
  await closed;
  expect(undone).toEqual(['response 0']);
});

test('a reader who closes before all of a long response was written', async () => {
  client.pause();
  await ask();
  answer(0, 'a'.repeat(64 * 1024 * 1024));
  await nextTurn();
  client.destroy();
  await closed;
  expect(undone).toEqual(['response 0']);
});

test('a reader who has read all and closes keeps what it was given', async () => {
  await ask();
  answer(0);
  await once(client, 'data');
  client.destroy();
  await closed;
  expect(undone).toEqual([]);
});

test('a reader whose next request has come keeps what the response before gave, however it closes then', async () => {
  await ask();
  answer(0);
  await once(client, 'data');
  await ask();
  client.resetAndDestroy();
  await closed;
  expect(undone).toEqual([]);
});

test('a response that waits behind another one on its connection is not given up', async () => {
  await ask(2);
  answer(1);
  answer(0);
  for (let text = ''; !/\r\n\r\na.*\r\n\r\na$/s.test(text); ) text += String(await once(client, 'data'));
  client.destroy();
  await closed;
  expect(undone).toEqual([]);
});
