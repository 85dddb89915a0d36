import { type InlineBytes, lengthOf, sliceOf } from './inline-bytes.ts';

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

const HEAD_BYTES = 32;
/** Headers of pictures from cameras are long, but not endless. */
const MOST_JPEG_SEGMENTS = 100;

const sizeOf = (width: number, height: number): ImageSize | undefined =>
  width > 0 && height > 0 ? { width, height } : undefined;

const readPng = (head: Buffer): ImageSize | undefined =>
  head.length >= 24 ? sizeOf(head.readUInt32BE(16), head.readUInt32BE(20)) : undefined;

const readGif = (head: Buffer): ImageSize | undefined =>
  head.length >= 10 ? sizeOf(head.readUInt16LE(6), head.readUInt16LE(8)) : undefined;

/** https://developers.google.com/speed/webp/docs/riff_container: lossy, lossless, extended. */
const readWebp = (head: Buffer): ImageSize | undefined => {
  if (head.length < 30) return undefined;
  const kind = head.toString('latin1', 12, 16);
  if (kind === 'VP8 ') return sizeOf(head.readUInt16LE(26) & 0x3fff, head.readUInt16LE(28) & 0x3fff);
  if (kind === 'VP8X') return sizeOf(head.readUIntLE(24, 3) + 1, head.readUIntLE(27, 3) + 1);
  if (kind !== 'VP8L') return undefined;
  const bits = head.readUInt32LE(21);
  return sizeOf((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
};

const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** From segment to segment; none is read whole. */
const readJpeg = (bytes: InlineBytes): ImageSize | undefined => {
  let at = 2;
  for (let segment = 0; segment < MOST_JPEG_SEGMENTS && at < lengthOf(bytes); segment++) {
    const head = sliceOf(bytes, at, 9);
    if (head.length < 9 || head[0] !== 0xff) return undefined;
    if (isFrame(head[1] ?? 0)) return sizeOf(head.readUInt16BE(7), head.readUInt16BE(5));
    at += 2 + head.readUInt16BE(2);
  }
  return undefined;
};

/** From the header of a PNG, JPEG, GIF or WebP; nothing where it cannot be read. */
export const readImageSize = (bytes: InlineBytes): ImageSize | undefined => {
  const head = sliceOf(bytes, 0, HEAD_BYTES);
  if (head.toString('latin1', 1, 4) === 'PNG') return readPng(head);
  if (head.toString('latin1', 0, 3) === 'GIF') return readGif(head);
  if (head[0] === 0xff && head[1] === 0xd8) return readJpeg(bytes);
  const isWebp = head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WEBP';
  return isWebp ? readWebp(head) : undefined;
};
