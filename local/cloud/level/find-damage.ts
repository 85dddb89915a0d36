import { crc32c } from './crc32c.ts';

/** https://github.com/google/leveldb/blob/main/doc/log_format.md */
const BLOCK_BYTES = 32_768;
const HEADER_BYTES = 7;
const LAST_TYPE = 4;
const MASK_DELTA = 0xa282ead8;

/** A checksum of checksums would be a weak one, so LevelDB stores it turned and moved. */
const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;

const isSound = (record: Buffer): boolean =>
  record.readUInt8(6) <= LAST_TYPE && record.readUInt32LE(0) === masked(crc32c(record.subarray(6)));

/**
 * Where a log of LevelDB's is not as it was written, if anywhere: LevelDB itself would leave out what is there and go on.
 * A record that the end of the file cuts off is none: nobody was told that it was written.
 */
export const findDamage = (log: Buffer): number | undefined => {
  for (let offset = 0; offset + HEADER_BYTES <= log.length; ) {
    const leftInBlock = BLOCK_BYTES - (offset % BLOCK_BYTES);
    if (leftInBlock < HEADER_BYTES) {
      offset += leftInBlock;
      continue;
    }
    const end = offset + HEADER_BYTES + log.readUInt16LE(offset + 4);
    if (end > log.length) return end - offset > leftInBlock ? offset : undefined;
    if (!isSound(log.subarray(offset, end))) return offset;
    offset = end;
  }
  return undefined;
};
