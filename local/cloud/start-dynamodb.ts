import { EventEmitter } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import dynalite from 'dynalite';

export interface DynamoDb {
  handle(request: IncomingMessage, body: Buffer, response: ServerResponse): void;
  close(): Promise<void>;
}

/** Dynalite as a request handler, without a port of its own. */
export async function startDynamoDb(directory: string, region: string): Promise<DynamoDb> {
  await mkdir(directory, { recursive: true });
  const server = withRegion(region, () =>
    dynalite({ path: directory, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }),
  );
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

/** Dynalite takes the region of its table ARNs from the environment, once, while it is created. */
function withRegion<T>(region: string, create: () => T): T {
  const before = process.env.AWS_REGION;
  process.env.AWS_REGION = region;
  try {
    return create();
  } finally {
    if (before === undefined) delete process.env.AWS_REGION;
    else process.env.AWS_REGION = before;
  }
}
