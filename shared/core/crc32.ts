import zlib from 'node:zlib';

/** Reflected polynomial of CRC-32 as zip, PNG and S3 use it. */
const POLYNOMIAL = 0xedb88320;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++)
    remainder = remainder & 1 ? (remainder >>> 1) ^ POLYNOMIAL : remainder >>> 1;
  return remainder;
});

/** CRC-32 of what came before (`value`) and `chunk`. */
export function crc32(chunk: Uint8Array, value: number): number {
  // Built in only from Node 20.15 on.
  return zlib.crc32?.(chunk, value) ?? tableCrc32(chunk, value);
}

export function tableCrc32(chunk: Uint8Array, value: number): number {
  let crc = ~value;
  for (const byte of chunk) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
}
