import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  constants,
  createServer as createHttp2,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import { whenProtocolIsKnown } from '../../http-protocol.ts';

export interface Exchange {
  readonly method: string;
  /** Path and query as they came, still percent-encoded. */
  readonly target: string;
  /** By its lower-case name; undefined when it is missing or comes several times. */
  readonly header: (name: string) => string | undefined;
  readonly readBody: (maxBytes: number) => Promise<BodyRead>;
  /** Fires when the client leaves before it has its answer. */
  readonly left: AbortSignal;
  readonly respond: (response: Response) => void;
  /** Instead of `respond`. */
  readonly openStream: (head: Omit<Response, 'body'>) => OpenStream;
  /** Ends the connection under the client, or its stream in HTTP/2. */
  readonly cut: () => void;
}

export interface OpenStream {
  readonly write: (bytes: Uint8Array) => void;
  readonly end: () => void;
}

export type BodyRead =
  | { readonly kind: 'whole'; readonly text: string }
  | { readonly kind: 'too_large' }
  /** The client left before the end. */
  | { readonly kind: 'cut_off' };

export interface Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface OnePortServer {
  readonly port: number;
  /** Ends every connection, also those that wait for an answer. */
  readonly close: () => Promise<void>;
}

export type Handle = (exchange: Exchange) => void;

const maxSessionMemoryMb = 1_000;

/** Longer than clients keep idle connections, so that none is closed under a request on its way. */
const keepAliveTimeoutMs = 300_000;

export async function listenOnePort(port: number, handle: Handle): Promise<OnePortServer> {
  const http1 = createHttp1({ keepAliveTimeout: keepAliveTimeoutMs }, (request, response) => {
    handle(toExchange(request, response));
  });
  const http2 = createHttp2({ maxSessionMemory: maxSessionMemoryMb }, (request, response) => {
    handle(toExchange(request, response));
  });
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    whenProtocolIsKnown(socket, (protocol) => {
      if (protocol === 'http1') {
        http1.emit('connection', socket);
        socket.resume();
        return;
      }
      // A half-open socket would keep the session of a client that has gone.
      socket.allowHalfOpen = false;
      http2.emit('connection', socket);
    });
  });
  http2.on('sessionError', () => undefined);
  const bound = await listen(server, port);
  return { port: bound, close: () => closeServer(server, sockets) };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', backlog: 4_096 }, () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the server has no port'));
      else resolve(address.port);
    });
  });
}

function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}

function toExchange(request: Incoming, response: Outgoing): Exchange {
  const controller = new AbortController();
  let answered = false;
  response.on('close', () => {
    if (!answered) controller.abort();
  });
  response.on('error', () => undefined);
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    header: (name) => {
      const value = request.headers[name];
      return typeof value === 'string' ? value : undefined;
    },
    readBody: (maxBytes) => readBody(request, maxBytes),
    left: controller.signal,
    respond: ({ status, headers, body }) => {
      if (answered || controller.signal.aborted) return;
      answered = true;
      if (response.headersSent) return endWith(response);
      const bytes = Buffer.from(body);
      setHead(response, { status, headers: { 'Content-Length': String(bytes.length), ...headers } });
      endWith(response, bytes);
    },
    openStream: (head) => {
      if (!controller.signal.aborted) setHead(response, head);
      const open = () => !answered && !controller.signal.aborted;
      return {
        write: (bytes) => {
          if (open()) writeTo(response, bytes);
        },
        end: () => {
          if (!open()) return;
          answered = true;
          endWith(response);
        },
      };
    },
    cut: () => {
      answered = true;
      if ('stream' in response) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      else request.socket.destroySoon();
    },
  };
}

type Outgoing = ServerResponse | Http2ServerResponse;

function setHead(response: Outgoing, { status, headers }: Omit<Response, 'body'>): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

function writeTo(response: Outgoing, bytes: Uint8Array): void {
  if ('stream' in response) response.write(bytes);
  else response.write(bytes);
}

function endWith(response: Outgoing, bytes: Uint8Array = new Uint8Array()): void {
  if ('stream' in response) response.end(bytes);
  else response.end(bytes);
}

type Incoming = IncomingMessage | Http2ServerRequest;

async function readBody(request: Incoming, maxBytes: number): Promise<BodyRead> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request) {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
    }
  } catch {
    return { kind: 'cut_off' };
  }
  // Node's HTTP/2 client ends a stream before it resets it: only the length tells that something is missing.
  const announced = request.headers['content-length'];
  if (request.aborted || Number(announced ?? length) !== length) return { kind: 'cut_off' };
  return length > maxBytes
    ? { kind: 'too_large' }
    : { kind: 'whole', text: Buffer.concat(chunks).toString() };
}
