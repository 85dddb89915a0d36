import {
  createServer as createHttp1,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import {
  createServer as createHttp2,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { SERVER_ENDS } from '../../functions/runtime/client-left.ts';
import { whenProtocolIsKnown } from '../http-protocol.ts';

export type HttpIncoming = IncomingMessage | Http2ServerRequest;
export type HttpOutgoing = ServerResponse | Http2ServerResponse;

export interface HttpExchange {
  readonly request: Request;
  readonly incoming: HttpIncoming;
  readonly outgoing: HttpOutgoing;
  /** close() waits for this exchange; one that never called it is cut off. */
  readonly hold: () => void;
  /** Aborted when the client has gone before its answer, and by close(): whoever waits for it stops waiting. */
  readonly left: () => AbortSignal;
  /** Nobody waits for what comes after the answer that is about to be given: aborts `left`. */
  readonly giveUp: () => void;
}

export interface HttpServer {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** A laptop's stand-in is nobody else's business, so it never listens on another interface. */
const hostname = '127.0.0.1';

const isFinished = (outgoing: HttpOutgoing): boolean =>
  'stream' in outgoing ? outgoing.finished : outgoing.writableFinished;

/** Who is answered, and who waits: what close() has to know. */
function createWatch() {
  const held = new Set<HttpOutgoing>();
  const waiting = new Set<AbortController>();
  let onRelease = (): void => {};
  return {
    hold: (outgoing: HttpOutgoing): void => {
      held.add(outgoing);
      outgoing.once('close', () => {
        held.delete(outgoing);
        onRelease();
      });
    },
    watch: (outgoing: HttpOutgoing): AbortController => {
      const controller = new AbortController();
      waiting.add(controller);
      outgoing.once('close', () => {
        waiting.delete(controller);
        if (!isFinished(outgoing)) controller.abort();
      });
      return controller;
    },
    /** Whoever waits is answered as it is now; then `cut` is called. */
    end: (cut: () => void): void => {
      for (const controller of waiting) controller.abort(SERVER_ENDS);
      onRelease = () => {
        if (held.size === 0) cut();
      };
      onRelease();
    },
  };
}

interface Bindings {
  readonly incoming: HttpIncoming;
  readonly outgoing: HttpOutgoing;
}

/** Rejects when the port is taken. 0 stands for any free port. HTTP/1.1 and HTTP/2 without TLS on the same port. */
export function listenHttp(
  port: number,
  respond: (exchange: HttpExchange) => Promise<Response>,
): Promise<HttpServer> {
  const watches = createWatch();
  const fetch = (request: Request, { incoming, outgoing }: Bindings): Promise<Response> => {
    let watched: AbortController | undefined;
    return respond({
      request,
      incoming,
      outgoing,
      hold: () => watches.hold(outgoing),
      left: () => {
        watched ??= watches.watch(outgoing);
        return watched.signal;
      },
      giveUp: () => watched?.abort(),
    });
  };
  // Functions see the globals that Lambda's Node has, not the lighter ones this server would put in place.
  const options = { fetch, overrideGlobalObjects: false } as const;
  return listenBoth(port, {
    http1: createAdaptorServer({ ...options, createServer: createHttp1 }) as Server,
    http2: createAdaptorServer({ ...options, createServer: createHttp2 }) as Http2Server,
    end: watches.end,
  });
}

interface Both {
  readonly http1: Server;
  readonly http2: Http2Server;
  readonly end: (cut: () => void) => void;
}

function listenBoth(port: number, { http1, http2, end }: Both): Promise<HttpServer> {
  const sockets = new Set<Socket>();
  http2.on('sessionError', () => undefined);
  // A server that does not listen itself would not look after headers that never come to an end.
  http1.emit('listening');
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    whenProtocolIsKnown(socket, (protocol) => {
      // A half-open socket would keep the session of a client that has gone.
      if (protocol === 'http2') socket.allowHalfOpen = false;
      (protocol === 'http2' ? http2 : http1).emit('connection', socket);
      if (protocol === 'http1') socket.resume();
    });
  });
  const close = (): Promise<void> =>
    new Promise((closed) => {
      server.close(() => closed());
      http1.close();
      end(() => {
        for (const socket of sockets) socket.destroy();
      });
    });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: hostname }, () => {
      server.off('error', reject);
      const { port: bound } = server.address() as AddressInfo;
      resolve({ port: bound, url: `http://${hostname}:${bound}`, close });
    });
  });
}
