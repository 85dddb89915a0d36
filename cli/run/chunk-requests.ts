import { createHash } from 'node:crypto';
import { limit } from '../../shared/contract/limits.ts';
import type { Json } from '../../shared/core/answers/json-members.ts';

/** Requests that are sent together. */
export interface Chunk {
  /** Place of its first request among all. */
  readonly start: number;
  readonly count: number;
  /** One request a line. */
  readonly lines: string;
  /** Of its content: who sends it again sends the same batch. */
  readonly key: string;
}

/** Results are looked for batch by batch, so one holds what a look can cover. */
const MOST_REQUESTS = 2000;
const MOST_BYTES = limit('http_body_bytes') - 64 * 1024;

const keyOf = (identity: string, start: number, lines: string): string =>
  `run-${createHash('sha256').update(`${identity}\n${start}\n${lines}`).digest('hex').slice(0, 40)}`;

/** Batches in order, each small enough for one call. The same requests are always cut the same way. */
export const chunkRequests = (
  envelopes: readonly Json[],
  identity: string,
  most: { readonly requests: number; readonly bytes: number } = {
    requests: MOST_REQUESTS,
    bytes: MOST_BYTES,
  },
): readonly Chunk[] => {
  const chunks: Chunk[] = [];
  let start = 0;
  let texts: string[] = [];
  let bytes = 0;
  const close = (): void => {
    if (texts.length === 0) return;
    const lines = texts.join('');
    chunks.push({ start, count: texts.length, lines, key: keyOf(identity, start, lines) });
    start += texts.length;
    texts = [];
    bytes = 0;
  };
  for (const envelope of envelopes) {
    const text = `${JSON.stringify(envelope)}\n`;
    const size = Buffer.byteLength(text);
    if (texts.length >= most.requests || bytes + size > most.bytes) close();
    texts.push(text);
    bytes += size;
  }
  close();
  return chunks;
};

/** Names the whole: the same requests for the same service are the same run. */
export const runKeyOf = (chunks: readonly Chunk[]): string =>
  createHash('sha256')
    .update(chunks.map(({ key }) => key).join('\n'))
    .digest('hex')
    .slice(0, 24);
