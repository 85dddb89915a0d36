import { EventEmitter } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import dynalite from 'dynalite';

export interface DynamoDb {
  handle(request: IncomingMessage, body: Buffer, response: ServerResponse): void;
  close(): Promise<void>;
}

/**
 * Dynalite as a request handler, without a port of its own. The region in its table ARNs is that of the
 * environment (AWS_REGION, else us-east-1); nothing else can set it.
 */
export async function startDynamoDb(directory: string): Promise<DynamoDb> {
  await mkdir(directory, { recursive: true });
  const server = dynalite({ path: directory, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  return {
    handle(request, body, response) {
      // Dynalite throws, and so ends the process, when a client goes away while it reads; so it is given a
      // request that has been read already.
      const { method, url, headers } = request;
      const replay = Object.assign(new EventEmitter(), { method, url, headers });
      server.emit('request', replay, response);
      replay.emit('data', body);
      replay.emit('end');
    },
    close: () =>
      new Promise((resolve, reject) => {
        // Dynalite closes its database only in the close of a server that listens.
        server.listen(0, '127.0.0.1', () => server.close((error) => (error ? reject(error) : resolve())));
      }),
  };
}
