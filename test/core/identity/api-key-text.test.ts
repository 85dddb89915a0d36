import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { API_KEY_PATTERN } from '../../../shared/contract/api-keys.ts';
import { createApiKeyText, parseApiKeyText } from '../../../shared/core/identity/api-key-text.ts';

/** Of bytes 0, 1, 2, … */
const KNOWN = 'smk_000g40r40m30_000g40r40m30e209185gr38e1w8124gk2gahc5rr34d1p70x3rfj_6v4r8c0';
const HASH = 'c5994647215b3ac7714f1e0471e77058840bb0d6413c143b44f63202748fd133';

const counting = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, index) => index);

describe('the text of an API key', () => {
  it('is made of an id, a secret and their check', () => {
    expect(createApiKeyText(counting)).toEqual({ text: KNOWN, id: '000g40r40m30', hash: HASH });
  });

  it('is read back as its id and its hash', () => {
    expect(parseApiKeyText(KNOWN)).toEqual({ kind: 'key', id: '000g40r40m30', hash: HASH });
  });

  it('is found in any text by the pattern for scanners, and is whole for double clicks', () => {
    expect(API_KEY_PATTERN.exec(`export KEY="${KNOWN}"; # mine`)?.[0]).toBe(KNOWN);
    expect(KNOWN).toMatch(/^\w+$/);
  });

  it('is another each time, with 260 bits of chance in its secret', () => {
    const texts = Array.from({ length: 100 }, () => createApiKeyText(randomBytes).text);
    expect(new Set(texts.map((text) => text.split('_')[2])).size).toBe(100);
    expect(texts[0]?.split('_')[2]).toHaveLength(52);
  });

  it.each(['', 'smk', 'Bearer', 'sk-ant-0123456789', 'AKIAIOSFODNN7EXAMPLE', 'SMK_x'])(
    'is not %j',
    (text) => {
      expect(parseApiKeyText(text)).toEqual({ kind: 'no_key' });
    },
  );

  it.each([
    ['cut', KNOWN.slice(0, -1)],
    ['followed by more', `${KNOWN}x`],
    ['without its check', KNOWN.slice(0, KNOWN.lastIndexOf('_'))],
    ['in capitals', `smk_${KNOWN.slice(4).toUpperCase()}`],
    ['followed by a line', `${KNOWN}\n`],
    ['nothing but its beginning', 'smk_'],
  ])('is known to be mistyped when it is %s', (_, text) => {
    expect(parseApiKeyText(text)).toEqual({ kind: 'mistyped' });
  });

  it('is known to be mistyped when any one of its characters is another', () => {
    const digits = '0123456789abcdefghjkmnpqrstvwxyz';
    fc.assert(
      fc.property(fc.nat(KNOWN.length - 5), fc.constantFrom(...digits), (offset, digit) => {
        const at = offset + 4;
        fc.pre(KNOWN[at] !== '_' && KNOWN[at] !== digit);
        const changed = KNOWN.slice(0, at) + digit + KNOWN.slice(at + 1);
        return parseApiKeyText(changed).kind === 'mistyped';
      }),
    );
  });
});
