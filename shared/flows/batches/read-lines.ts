import type { BatchCursor, BatchInput } from '../../contract/batch-item.ts';
import { limit } from '../../contract/limits.ts';
import type { SentMember } from '../../core/batch-check.ts';
import { readLine } from '../../core/read-line.ts';
import type { Objects } from '../../ports/objects.ts';

/** Read at once: what a reader of the largest upload holds, beside one line. */
export const CHUNK_BYTES = 4 * 1024 * 1024;

const NEWLINE = 10;

export interface ReadMember extends SentMember {
  readonly line: number;
  /** Where the next line begins: to go on from, once this one is done with. */
  readonly next: BatchCursor;
}

interface Line {
  readonly bytes: Uint8Array;
  readonly endOffsetBytes: number;
}

const TOO_LONG: SentMember['read'] = {
  ok: false,
  detail: `must be at most ${limit('batch_line_bytes')} bytes long`,
};

async function* readChunks(
  { key, sizeBytes }: BatchInput,
  fromBytes: number,
  objects: Objects,
): AsyncGenerator<Uint8Array> {
  for (let offsetBytes = fromBytes; offsetBytes < sizeBytes; offsetBytes += CHUNK_BYTES) {
    const lengthBytes = Math.min(CHUNK_BYTES, sizeBytes - offsetBytes);
    const chunk = await objects.get(key, { offsetBytes, lengthBytes });
    if (chunk?.byteLength !== lengthBytes)
      throw new Error(`${key} has no ${lengthBytes} bytes from ${offsetBytes}, though it has ${sizeBytes}`);
    yield chunk;
  }
}

/** Of a line that is too long only the beginning is kept: enough to see that it is. */
const append = (carried: Uint8Array, more: Uint8Array): Uint8Array =>
  carried.byteLength > limit('batch_line_bytes') ? carried : Buffer.concat([carried, more]);

async function* splitLines(input: BatchInput, fromBytes: number, objects: Objects): AsyncGenerator<Line> {
  let carried: Uint8Array = new Uint8Array(0);
  let offsetBytes = fromBytes;
  for await (const chunk of readChunks(input, fromBytes, objects)) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const bytes = append(carried, chunk.subarray(start, end));
      carried = new Uint8Array(0);
      start = end + 1;
      yield { bytes, endOffsetBytes: offsetBytes + start };
    }
    carried = append(carried, chunk.subarray(start));
    offsetBytes += chunk.byteLength;
  }
  if (carried.byteLength > 0) yield { bytes: carried, endOffsetBytes: offsetBytes };
}

/** The requests of an input, one line each, from a cursor on. Memory is flat whatever its size. */
export async function* readMembers(
  input: BatchInput,
  from: BatchCursor,
  objects: Objects,
): AsyncGenerator<ReadMember> {
  let { line, index } = from;
  for await (const { bytes, endOffsetBytes } of splitLines(input, from.offsetBytes, objects)) {
    line += 1;
    const read = bytes.byteLength > limit('batch_line_bytes') ? TOO_LONG : readLine(bytes);
    if (read === undefined) continue;
    const next = { offsetBytes: endOffsetBytes, line, index: index + 1 };
    yield { index, line, read, next };
    index += 1;
  }
}
