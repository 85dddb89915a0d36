import type { FileHandle } from 'node:fs/promises';

export interface Extent {
  readonly first: number;
  readonly sizeBytes: number;
}

const CHUNK_BYTES = 256 * 1024;

/**
 * These bytes of a file and no others: a file that has fewer of them was damaged from outside, and to go on as if
 * it had not would hand out what is not the object. The caller closes the file.
 */
export async function* readExactly(file: FileHandle, { first, sizeBytes }: Extent): AsyncGenerator<Buffer> {
  for (let read = 0; read < sizeBytes; ) {
    const wanted = Math.min(CHUNK_BYTES, sizeBytes - read);
    // Not from the pool: whoever takes the chunk may hold it for long.
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(wanted), 0, wanted, first + read);
    if (bytesRead === 0) throw tooShort(first + read, first + sizeBytes);
    read += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** As one piece. */
export async function readWhole(file: FileHandle, extent: Extent): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readExactly(file, extent)) chunks.push(chunk);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

export async function requireSize(file: FileHandle, sizeBytes: number): Promise<void> {
  const { size } = await file.stat();
  if (size < sizeBytes) throw tooShort(size, sizeBytes);
}

function tooShort(hasBytes: number, neededBytes: number): Error {
  return new Error(
    `The file of an object has ${hasBytes} bytes where ${neededBytes} are needed: it was changed from outside.`,
  );
}
