import { crc32, tableCrc32 } from '../../shared/core/crc32.ts';

describe.each([
  ['as Node has it', crc32],
  ['by table', tableCrc32],
])('crc32 %s', (_, crc32) => {
  test.each([
    ['', 0],
    ['123456789', 0xcbf43926],
    ['The quick brown fox jumps over the lazy dog', 0x414fa339],
  ])('of %j is the published check value', (text, expected) => {
    expect(crc32(Buffer.from(text), 0)).toBe(expected);
  });

  test('of two chunks is that of the whole', () => {
    expect(crc32(Buffer.from('6789'), crc32(Buffer.from('12345'), 0))).toBe(0xcbf43926);
  });
});
