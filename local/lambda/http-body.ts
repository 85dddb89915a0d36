import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';

export type BodyRead =
  | { readonly kind: 'read'; readonly bytes: Buffer }
  | { readonly kind: 'too_large' }
  /** The client went away in the middle. */
  | { readonly kind: 'broken' };

export type Incoming = Readable & Pick<IncomingMessage, 'headers'>;

/** Reads at most `maxBytes` and lets go of a longer body as soon as it is known to be longer. */
export function readBody(incoming: Incoming, maxBytes: number): Promise<BodyRead> {
  const { 'content-length': length, 'transfer-encoding': coding } = incoming.headers;
  if (Number(length ?? 0) > maxBytes) return Promise.resolve({ kind: 'too_large' });
  if (coding === undefined && Number(length ?? 0) === 0)
    return Promise.resolve({ kind: 'read', bytes: Buffer.alloc(0) });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let totalBytes = 0;
    const onData = (chunk: Buffer): void => {
      totalBytes += chunk.byteLength;
      if (totalBytes <= maxBytes) return void chunks.push(chunk);
      incoming.off('data', onData);
      incoming.pause();
      resolve({ kind: 'too_large' });
    };
    incoming.on('data', onData);
    incoming.once('end', () => resolve({ kind: 'read', bytes: Buffer.concat(chunks) }));
    incoming.once('error', () => resolve({ kind: 'broken' }));
    // Resolved long before, unless the end has not come.
    incoming.once('close', () => resolve({ kind: 'broken' }));
  });
}
