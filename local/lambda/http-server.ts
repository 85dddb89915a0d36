import { type IncomingMessage, Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';

export interface HttpExchange {
  readonly request: Request;
  readonly incoming: IncomingMessage;
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

/** Rejects when the port is taken. 0 stands for any free port. */
export function listenHttp(
  port: number,
  respond: (exchange: HttpExchange) => Promise<Response>,
): Promise<HttpServer> {
  const held = new Set<ServerResponse>();
  let onRelease = (): void => {};
  const hold = (outgoing: ServerResponse): void => {
    held.add(outgoing);
    outgoing.once('close', () => {
      held.delete(outgoing);
      onRelease();
    });
  };
  const waiting = new Set<AbortController>();
  const watch = (outgoing: ServerResponse): AbortController => {
    const controller = new AbortController();
    waiting.add(controller);
    outgoing.once('close', () => {
      waiting.delete(controller);
      if (!outgoing.writableFinished) controller.abort();
    });
    return controller;
  };
  return new Promise((resolve, reject) => {
    const server = serve({
      fetch: (request, bindings) => {
        const { incoming, outgoing } = bindings as { incoming: IncomingMessage; outgoing: ServerResponse };
        let watched: AbortController | undefined;
        return respond({
          request,
          incoming,
          hold: () => hold(outgoing),
          left: () => {
            watched ??= watch(outgoing);
            return watched.signal;
          },
          giveUp: () => watched?.abort(),
        });
      },
      hostname,
      port,
      // Functions see the globals that Lambda's Node has, not the lighter ones this server would put in place.
      overrideGlobalObjects: false,
    });
    if (!(server instanceof Server)) throw new TypeError('expected an HTTP/1.1 server');
    const close = (): Promise<void> =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const controller of waiting) controller.abort();
        onRelease = () => {
          if (held.size === 0) server.closeAllConnections();
        };
        onRelease();
      });
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      const address = server.address() as AddressInfo;
      resolve({ port: address.port, url: `http://${hostname}:${address.port}`, close });
    });
  });
}
