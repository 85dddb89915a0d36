import fc from 'fast-check';
import { toQueueJson } from '../../shared/core/queue-json.ts';

/** What SQS takes, by its own reference: the characters of XML 1.0. */
const takenBySqs = (character: string): boolean => {
  const code = character.codePointAt(0) ?? -1;
  return (
    code === 0x9 ||
    code === 0xa ||
    code === 0xd ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff)
  );
};

/** Any sequence of UTF-16 code units, with those that need care drawn often. */
const anyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.constantFrom(
        0x0,
        0x1f,
        0x22,
        0x5c,
        0x7f,
        0x2028,
        0xd83d,
        0xde00,
        0xd800,
        0xdfff,
        0xfffd,
        0xfffe,
        0xffff,
      ),
    ),
  )
  .map((units) => String.fromCharCode(...units));

describe('JSON for a queue', () => {
  it.each([
    ['\ufffe\uffff', '"\\ufffe\\uffff"'],
    ['\ud800', '"\\ud800"'],
    ['\u0000\b', '"\\u0000\\b"'],
    ['😀 é', '"😀 é"'],
  ])('of %j is %s', (text, json) => {
    expect(toQueueJson(text)).toBe(json);
  });

  it('holds no character that SQS refuses, in names and in values', () => {
    fc.assert(
      fc.property(anyText, anyText, (name, value) => {
        expect([...toQueueJson({ [name]: [value] })].filter((character) => !takenBySqs(character))).toEqual(
          [],
        );
      }),
    );
  });

  it('is read back as what it was made from', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(JSON.parse(toQueueJson({ text }))).toEqual({ text });
      }),
    );
  });
});
