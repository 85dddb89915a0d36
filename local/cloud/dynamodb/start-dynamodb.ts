import { EventEmitter } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import dynalite from 'dynalite';
import conditionParser from 'dynalite/db/conditionParser.js';
import updateParser from 'dynalite/db/updateParser.js';
import { withEnvironment } from '../../../functions/runtime/environment.ts';
import { requireSoundLevel } from '../level/require-sound-level.ts';
import { readAtOnce } from './read-at-once.ts';
import { rememberExpressions } from './remember-expressions.ts';
import { tellFailedWrites } from './tell-failed-writes.ts';

export interface DynamoDb {
  handle(request: IncomingMessage, body: Buffer, response: ServerResponse): void;
  /** The same from inside. */
  call(action: string, input: object): Promise<DynamoDbReply>;
  close(): Promise<void>;
}

export interface DynamoDbReply {
  readonly status: number;
  readonly body: string;
}

export const JSON_HEADERS = { 'content-type': 'application/x-amz-json-1.0' };

/** Dynalite wants a signature, and looks only at its form. */
const SIGNED_HEADERS = {
  ...JSON_HEADERS,
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20000101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  'x-amz-date': '20000101T000000Z',
};

export interface DynamoDbOptions {
  readonly directory: string;
  readonly region: string;
  readonly accountId: string;
}

// Dynalite calls them by these objects.
for (const parser of [conditionParser, updateParser])
  Object.assign(parser, rememberExpressions({ ...parser }));

/** Dynalite as a request handler, without a port of its own. */
export async function startDynamoDb({ directory, region, accountId }: DynamoDbOptions): Promise<DynamoDb> {
  await mkdir(directory, { recursive: true });
  await requireSoundLevel(directory);
  const options = { path: directory, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };
  // These two are in the ARNs of tables.
  const environment = { AWS_REGION: region, AWS_ACCOUNT_ID: accountId };
  const server = withEnvironment(environment, () =>
    tellFailedWrites(() => readAtOnce(() => dynalite(options))),
  );
  return {
    handle({ method, url, headers }, body, response) {
      try {
        replay(server, { method, url, headers }, body, response);
      } catch (error) {
        if (!(error instanceof TypeError) || response.headersSent) throw error;
        // What dynalite trips over while it reads is a null where a structure belongs.
        response.writeHead(400, JSON_HEADERS);
        response.end(JSON.stringify({ __type: 'com.amazon.coral.service#SerializationException' }));
      }
    },
    call: (action, input) =>
      new Promise((resolve) => {
        const response = {
          statusCode: 200,
          setHeader: () => {},
          end(body: string) {
            resolve({ status: this.statusCode, body });
          },
        };
        const headers = { ...SIGNED_HEADERS, 'x-amz-target': `DynamoDB_20120810.${action}` };
        replay(server, { method: 'POST', url: '/', headers }, Buffer.from(JSON.stringify(input)), response);
      }),
    close: () =>
      new Promise((resolve, reject) => {
        // Dynalite closes its database only in the close of a server that listens.
        server.listen(0, '127.0.0.1', () => server.close((error) => (error ? reject(error) : resolve())));
      }),
  };
}

/**
 * Dynalite throws, and so ends the process, when a client goes away while it reads; so it is given a request
 * that has been read already.
 */
function replay(server: Server, head: object, body: Buffer, response: object): void {
  const request = Object.assign(new EventEmitter(), head);
  server.emit('request', request, response);
  request.emit('data', body);
  request.emit('end');
}
