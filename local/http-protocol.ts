import type { Socket } from 'node:net';

export type HttpProtocol = 'http1' | 'http2';

/** What a client with prior knowledge of HTTP/2 sends first: https://www.rfc-editor.org/rfc/rfc9113#section-3.4 */
const http2Preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** Looks at what comes first, and gives it back before it tells which protocol that is. */
export function whenProtocolIsKnown(socket: Socket, then: (protocol: HttpProtocol) => void): void {
  let seen: Buffer = Buffer.alloc(0);
  const leave = () => socket.destroy();
  const look = (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk]);
    const length = Math.min(seen.length, http2Preface.length);
    const alike = seen.subarray(0, length).equals(http2Preface.subarray(0, length));
    if (alike && length < http2Preface.length) return;
    socket.pause();
    socket.off('data', look);
    socket.off('end', leave);
    socket.unshift(seen);
    then(alike ? 'http2' : 'http1');
  };
  socket.on('end', leave);
  socket.on('data', look);
}
