import { connect } from 'node:net';

/** Long enough for a server on this machine to say more, if it has more to say. */
const QUIET_MS = 300;

/** Sends bytes as they are, and answers with all that comes back until the server closes or falls silent. */
export const sendRaw = (port: number, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'));
    const chunks: Buffer[] = [];
    socket.setTimeout(QUIET_MS, () => socket.destroy());
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // A server may slam the door on what it has refused.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
  });

export const statusesIn = (answer: string): readonly number[] =>
  [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';

/** Requests whose end two servers could see in different places. */
export const AMBIGUOUS: readonly (readonly [name: string, text: (path: string) => string])[] = [
  [
    'a length and chunks',
    (path) =>
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    'two lengths',
    (path) =>
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
  ],
  [
    'a length of two',
    (path) => `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0, 5\r\n\r\n${SMUGGLED}`,
  ],
  [
    'a length with a sign',
    (path) => `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: +0\r\n\r\n${SMUGGLED}`,
  ],
  [
    'chunks by another word',
    (path) =>
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    'chunks that are not the last coding',
    (path) =>
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    'a space before the colon',
    (path) => `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length : 5\r\n\r\nhello${SMUGGLED}`,
  ],
  [
    'a header that goes on in the next line',
    (path) =>
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding:\r\n chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    'a chunk longer than all numbers',
    (path) =>
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    'a null in a header',
    (path) => `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: a\0b\r\n\r\n${SMUGGLED}`,
  ],
];
