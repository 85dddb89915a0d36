import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CloudServer {
  readonly port: number;
  /** Resolves when the last request has been answered. */
  close(): Promise<void>;
}

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Longer than any client keeps an idle connection, so it is never this side that closes under a new request. */
const KEEP_ALIVE_MS = 120_000;
/** What a request may still take after close; only a client that stopped reading or sending takes so long. */
const CLOSE_GRACE_MS = 2_000;
/** A connection that was answered during the close is idle, and does not end by itself. */
const CLOSE_CHECK_MS = 10;

/** Rejects with the error of `listen`, such as EADDRINUSE. */
export async function startHttpServer(port: number, handle: RequestHandler): Promise<CloudServer> {
  let isClosing = false;
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    if (isClosing) response.setHeader('connection', 'close');
    void handle(request, response);
  });
  await listen(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      isClosing = true;
      return closeServer(server);
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    const idle = setInterval(() => server.closeIdleConnections(), CLOSE_CHECK_MS);
    const impatience = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
    server.close((error) => {
      clearInterval(idle);
      clearTimeout(impatience);
      if (error) reject(error);
      else resolve();
    });
    server.closeIdleConnections();
  });
}
