import { connect } from 'node:net';
import fc from 'fast-check';
import { createSubmitApp } from '../../../functions/ingestion/submit-app.ts';
import { createReadApp } from '../../../functions/query/read-app.ts';
import { toHttpHandler } from '../../../functions/runtime/http-handler.ts';
import { startHttpGateway } from '../../../local/lambda/http-gateway.ts';
import { ROUTES } from '../../../shared/contract/routes.ts';
import { acceptDepsOf, createWorld } from '../../fakes/world.ts';
import { pollutionFault } from './accounts.ts';
import type { Door } from './door.ts';
import { changedValue, hostileText, textOf } from './hostile-values.ts';
import { SOUND_BATCHES, SOUND_ENVELOPES } from './sound-values.ts';

/** A server that has not closed by then never will. */
const MOST_PATIENCE_MS = 20_000;
const limits = { timeoutSeconds: 30, memoryMb: 128 };

const startGateway = () => {
  const deps = acceptDepsOf(createWorld({ settings: { operators: ['*'] } }));
  return startHttpGateway({
    port: 0,
    routes: ROUTES,
    fallback: 'query',
    functions: {
      ingestion: { handler: toHttpHandler(createSubmitApp(deps)), ...limits },
      query: { handler: toHttpHandler(createReadApp(deps)), ...limits },
      reconciler: { handler: async () => ({ statusCode: 500 }), ...limits },
    },
  });
};

/** Sends bytes, says that no more will come, and answers with all that comes back; nothing when nobody hangs up. */
const sendBytes = (port: number, bytes: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes, 'latin1'));
    const chunks: Buffer[] = [];
    const patience = setTimeout(() => {
      resolve(undefined);
      socket.destroy();
    }, MOST_PATIENCE_MS);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(patience);
      resolve(Buffer.concat(chunks).toString('latin1'));
    });
  });

const METHODS = ['GET', 'POST', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'CONNECT', 'TRACE', 'gEt', ''];
const PATHS = [
  '/v1/requests',
  '/v1/batches',
  '/v1/quota',
  '/health',
  '/openapi.json',
  '/',
  '*',
  'http://x/',
  '/%',
];
const HEADERS = [
  'Content-Type: application/json',
  'Content-Type: application/x-ndjson',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 1e3',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Content-Encoding: gzip',
  'Expect: 100-continue',
  'Upgrade: websocket',
  'Connection: upgrade',
  'Host: evil.test',
  'Origin: http://evil.test',
  ': nothing',
  'no colon',
] as const;

const bytes: fc.Arbitrary<string> = fc
  .record({
    method: fc.constantFrom(...METHODS),
    path: fc.oneof(fc.constantFrom(...PATHS), hostileText),
    version: fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', ''),
    headers: fc.array(
      fc.oneof(
        fc.constantFrom(...HEADERS),
        hostileText.map((text) => `X-Fuzz: ${text}`),
      ),
      { maxLength: 4 },
    ),
    host: fc.constantFrom('Host: 127.0.0.1\r\n', 'Host: 127.0.0.1\r\n', 'Host: localhost\r\n', ''),
    hasLength: fc.boolean(),
    body: fc.oneof(textOf(changedValue([...SOUND_ENVELOPES, ...SOUND_BATCHES])), hostileText),
  })
  .map(({ method, path, version, headers, host, hasLength, body }) => {
    const sent = Buffer.from(body).toString('latin1');
    const length = hasLength ? `Content-Length: ${sent.length}\r\n` : '';
    const lines = headers.map((header) => `${Buffer.from(header).toString('latin1')}\r\n`).join('');
    const target = Buffer.from(path).toString('latin1');
    return `${method} ${target} ${version}\r\n${host}Connection: close\r\n${length}${lines}\r\n${sent}`;
  });

const NOT_OURS = 501;

/** One answer at most to what is one request at most, and none of them the server's fault. */
const statusFault = (answer: string): string | undefined => {
  const statuses = [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
  const bad = statuses.find((status) => status >= 500 && status !== NOT_OURS);
  return bad === undefined ? undefined : `it was answered with ${bad}: ${answer.slice(0, 500)}`;
};

export interface OpenDoor<T> extends Door<T> {
  close(): Promise<void>;
}

/** A server on this machine, and bytes that are hardly HTTP. */
export const openWireDoor = async (): Promise<OpenDoor<string>> => {
  const gateway = await startGateway();
  return {
    arbitrary: bytes,
    check: async (sent) => {
      const answer = await sendBytes(gateway.port, sent);
      if (answer === undefined) return 'the connection stays open';
      return statusFault(answer) ?? pollutionFault();
    },
    close: () => gateway.close(),
  };
};
