export interface BoundedText {
  readonly text: string;
  /** There was more, which was not read. */
  readonly cut: boolean;
}

/** Reads so many bytes at most, and lets go of the rest. */
export async function readBoundedText(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<BoundedText> {
  const chunks: Uint8Array[] = [];
  let left = maxBytes;
  for await (const chunk of body) {
    chunks.push(chunk.subarray(0, left));
    left -= chunk.length;
    if (left < 0) break;
  }
  return { text: Buffer.concat(chunks).toString(), cut: left < 0 };
}
