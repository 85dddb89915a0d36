/** Bytes inside a request: base64 text after JSON, or bytes as they are. */
export type InlineBytes = string | Uint8Array;

export const isInlineBytes = (value: unknown): value is InlineBytes =>
  typeof value === 'string' || value instanceof Uint8Array;

const paddingOf = (base64: string): number => (base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0);

export const lengthOf = (bytes: InlineBytes): number =>
  typeof bytes === 'string' ? Math.floor((bytes.length * 3) / 4) - paddingOf(bytes) : bytes.length;

/** A part of it, decoded; never the whole. */
export const sliceOf = (bytes: InlineBytes, from: number, count: number): Buffer => {
  if (typeof bytes !== 'string') return Buffer.from(bytes.subarray(from, from + count));
  // Four characters are three bytes: begin on a boundary, and drop what is before.
  const start = Math.floor(from / 3);
  const text = bytes.slice(start * 4, start * 4 + Math.ceil((count + 3) / 3) * 4);
  return Buffer.from(text, 'base64').subarray(from - start * 3, from - start * 3 + count);
};
