import { parseIdempotencyKey } from '../../functions/runtime/idempotency-key.ts';

describe('parseIdempotencyKey', () => {
  it.each([
    ['a bare key', 'order-7', 'order-7'],
    ['a key in quotes', '"order-7"', 'order-7'],
    ['white space around it', '  "order-7" ', 'order-7'],
    ['an escaped quote', String.raw`"say \"hi\""`, 'say "hi"'],
    ['an escaped backslash', String.raw`"a\\b"`, String.raw`a\b`],
    ['a bare key with a quote inside', 'a"b', 'a"b'],
    ['one quote only, as it is', '"a', '"a'],
    ['white space inside quotes', '" a "', ' a '],
  ])('reads %s', (_, header, key) => {
    expect(parseIdempotencyKey(header)).toBe(key);
  });

  it.each([
    ['empty', ''],
    ['blank', '   '],
    ['an empty string in quotes', '""'],
  ])('reads an empty key, for the check to refuse, from a header that is %s', (_, header) => {
    expect(parseIdempotencyKey(header)).toBe('');
  });

  it('finds no key without a header', () => {
    expect(parseIdempotencyKey(undefined)).toBeUndefined();
  });
});
