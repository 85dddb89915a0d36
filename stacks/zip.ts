const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb8_8320 : value >>> 1;
  return value;
});

// node:zlib has it from Node 20.15 on only.
const crc32 = (contents: Uint8Array): number => {
  let crc = 0xffff_ffff;
  for (const byte of contents) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffff_ffff) >>> 0;
};

/** Size of a field in bytes, and its value, little-endian as everything in a zip file. */
type Field = readonly [bytes: 2 | 4, value: number];

const toBytes = (fields: readonly Field[]): Buffer =>
  Buffer.concat(
    fields.map(([bytes, value]) => {
      const field = Buffer.alloc(bytes);
      field.writeUIntLE(value, 0, bytes);
      return field;
    }),
  );

/** 1980-01-01, the first day a zip file knows. */
const DOS_DATE = (1 << 5) | 1;

/** A regular file of Unix that all may read, which Lambda needs: its user is not the file's owner. */
const UNIX_MODE = 0o100644;

/**
 * A zip file of one file, the same to the byte on every machine. It is stored and not compressed: deflate's output
 * differs between releases of Node, and Lambda's limit (50 MB) is far away.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export const toZip = (file: string, contents: Uint8Array): Buffer => {
  const name = Buffer.from(file);
  const description: readonly Field[] = [
    [2, 10], // version needed: 1.0
    [2, 0], // flags
    [2, 0], // stored
    [2, 0], // time
    [2, DOS_DATE],
    [4, crc32(contents)],
    [4, contents.byteLength],
    [4, contents.byteLength],
    [2, name.byteLength],
    [2, 0], // extra field
  ];
  const local = Buffer.concat([toBytes([[4, 0x0403_4b50], ...description]), name]);
  const central = Buffer.concat([
    toBytes([
      [4, 0x0201_4b50],
      [2, (3 << 8) | 10], // made on Unix
      ...description,
      [2, 0], // comment
      [2, 0], // disk
      [2, 0], // internal attributes
      [4, UNIX_MODE * 0x1_0000],
      [4, 0], // offset of the file
    ]),
    name,
  ]);
  const end = toBytes([
    [4, 0x0605_4b50],
    [2, 0], // disk
    [2, 0], // disk of the directory
    [2, 1], // files on this disk
    [2, 1], // files
    [4, central.byteLength],
    [4, local.byteLength + contents.byteLength],
    [2, 0], // comment
  ]);
  return Buffer.concat([local, contents, central, end]);
};
