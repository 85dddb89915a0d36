import { toZip } from '../../stacks/zip.ts';

/** What Info-ZIP and Python's zipfile both read back as `a.txt` with mode 644 and the text `123456789`. */
const EXPECTED = [
  '504b03040a000000000000002100' + '2639f4cb' + '09000000' + '09000000' + '05000000',
  Buffer.from('a.txt').toString('hex'),
  Buffer.from('123456789').toString('hex'),
  '504b01020a030a000000000000002100' + '2639f4cb' + '09000000' + '09000000' + '05000000',
  '0000' + '0000' + '0000' + '0000a481' + '00000000',
  Buffer.from('a.txt').toString('hex'),
  '504b0506' + '0000' + '0000' + '0100' + '0100' + '33000000' + '2c000000' + '0000',
].join('');

describe('toZip', () => {
  it('stores one file, with the checksum that the standard gives for 123456789', () => {
    expect(toZip('a.txt', Buffer.from('123456789')).toString('hex')).toBe(EXPECTED);
  });

  it('stores an empty file', () => {
    const zip = toZip('a', new Uint8Array());

    expect(zip.byteLength).toBe(30 + 1 + 46 + 1 + 22);
    expect(zip.readUInt32LE(14)).toBe(0);
  });

  it('holds the contents as they are', () => {
    const contents = Buffer.from('exports.handler = () => "ö";\n'.repeat(1000));

    expect(toZip('index.js', contents).includes(contents)).toBe(true);
  });
});
