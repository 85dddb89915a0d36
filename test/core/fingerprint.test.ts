import fc from 'fast-check';
import { fingerprintOf } from '../../shared/core/fingerprint.ts';

type Body = Readonly<Record<string, unknown>>;

/** The same value with the keys of every object in the opposite order. */
const turned = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, turned(inner)]),
  );
};

const anyBody = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<Body>;

describe('the fingerprint of a body', () => {
  it('is the same for ever: the store has fingerprints from before', () => {
    expect(fingerprintOf({ prompt: 'hello', max_tokens: 10 })).toBe('sTXv3NNSQJSoY6PzgFx3WH');
  });

  it('does not depend on the order of keys, at any depth', () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        expect(fingerprintOf(turned(body) as Body)).toBe(fingerprintOf(body));
      }),
    );
  });

  it('leaves the key out, which may come as a header one time and as a field the next', () => {
    fc.assert(
      fc.property(anyBody, fc.string(), (body, key) => {
        const { idempotency_key: _, ...rest } = body;
        expect(fingerprintOf({ ...rest, idempotency_key: key })).toBe(fingerprintOf(rest));
      }),
    );
  });

  it.each<[string, Body, Body]>([
    ['a value', { prompt: 'a' }, { prompt: 'b' }],
    ['a type', { max_tokens: 1 }, { max_tokens: '1' }],
    ['a name', { prompt: 'a' }, { system: 'a' }],
    ['a default that is spelled out', { prompt: 'a' }, { prompt: 'a', priority: 'normal' }],
    ['null for nothing', { prompt: 'a' }, { prompt: 'a', model: null }],
    ['the order of a list', { stop_sequences: ['a', 'b'] }, { stop_sequences: ['b', 'a'] }],
    ['a list for an object', { a: ['x'] }, { a: { 0: 'x' } }],
    [
      'the key of another depth',
      { metadata: { idempotency_key: 'a' } },
      { metadata: { idempotency_key: 'b' } },
    ],
    ['white space inside a text', { prompt: 'a b' }, { prompt: 'a  b' }],
    ['another lone surrogate', { prompt: '\ud800' }, { prompt: '\udbff' }],
  ])('changes with %s', (_, one, other) => {
    expect(fingerprintOf(one)).not.toBe(fingerprintOf(other));
  });

  it('changes with any field that is added', () => {
    fc.assert(
      fc.property(anyBody, fc.string(), fc.jsonValue(), (body, name, value) => {
        fc.pre(!Object.hasOwn(body, name) && name !== 'idempotency_key' && name !== '__proto__');
        expect(fingerprintOf({ ...body, [name]: value })).not.toBe(fingerprintOf(body));
      }),
    );
  });
});
