import { createServer, type Server, type Socket } from 'node:net';

export interface RogueServer {
  readonly baseUrl: string;
  /** The bytes that answer every request, after which the connection ends or hangs. */
  answer: { readonly bytes: string; readonly hangs?: true };
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

/** Speaks whatever the test says, byte by byte, and need not be HTTP. */
export async function startRogueServer(): Promise<RogueServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.once('data', () => {
      const { bytes, hangs } = started.answer;
      socket.write(bytes, 'latin1');
      if (hangs === undefined) socket.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const started: RogueServer = {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    answer: { bytes: '' },
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return started;
}

/** A whole HTTP answer with an honest length. */
export function honest(status: number, type: string, body: string): string {
  return `HTTP/1.1 ${status} Said\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

export function streamOf(...data: readonly string[]): string {
  const events = data.map((each) => `data: ${each}\n\n`).join('');
  return `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n${events}`;
}
