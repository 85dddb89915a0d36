import { fitsPayload } from '../../../local/lambda/payload-limit.ts';

const MOST = 6 * 1024 * 1024;
/** `{"a":"…"}` */
const AROUND = 8;

describe('what an invocation can carry', () => {
  it.each<[string, unknown, boolean]>([
    ['nothing', undefined, true],
    ['a little', { a: 'b', c: [1, null, true, { d: 'é' }] }, true],
    ['as much as there may be', { a: 'x'.repeat(MOST - AROUND) }, true],
    ['a byte more', { a: 'x'.repeat(MOST - AROUND + 1) }, false],
    ['what is longer in bytes than in characters', { a: 'é'.repeat(MOST / 2) }, false],
    ['what is longer with its escapes', { a: '\u0001'.repeat(MOST / 6) }, false],
    ['names that are too long', { ['x'.repeat(MOST)]: 1 }, false],
    ['many that are small', Array.from({ length: MOST / 2 }, () => 1), false],
    ['what makes itself small', { toJSON: () => 1, a: 'x'.repeat(MOST) }, true],
  ])('%s', (_, value, fits) => {
    expect(fitsPayload(value)).toBe(fits);
  });

  it.each<[string, unknown]>([
    ['a BigInt', { a: 1n }],
    [
      'what holds itself',
      (() => {
        const circle: Record<string, unknown> = {};
        circle.a = circle;
        return circle;
      })(),
    ],
  ])('%s is no JSON', (_, value) => {
    expect(() => fitsPayload(value)).toThrow(TypeError);
  });
});
