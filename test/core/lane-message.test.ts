import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { decodeLaneMessage, encodeHeld, encodeParked } from '../../shared/core/lane-message.ts';
import { heldWith } from './samples.ts';

const saying = (text: string) =>
  heldWith({
    converse: { messages: [{ role: 'user', content: [{ text }] }], inferenceConfig: { maxTokens: 100 } },
  });

/** Any text that says something: the door refuses a blank one. */
const anyText = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1 }),
    fc
      .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1 })
      .map((units) => String.fromCharCode(...units)),
    fc.string({ unit: 'grapheme', minLength: 3000, maxLength: 9000 }),
  )
  .filter((text) => text.trim() !== '');

describe('a request in a lane', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(
        anyText,
        fc.option(fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/)),
        fc.dictionary(
          fc.string().filter((name) => name !== '__proto__'),
          anyText,
          { maxKeys: 3 },
        ),
        (text, customId, metadata) => {
          const held = { ...saying(text), custom_id: customId, metadata };

          expect(decodeLaneMessage(encodeHeld(held))).toMatchObject({ kind: 'whole', held });
        },
      ),
    );
  });

  it.each([
    ['emoji', '😀👩‍👩‍👧'],
    ['characters that SQS refuses', '\ufffe\uffff\u0000'],
    ['a lone surrogate', 'a\ud800b\udc00'],
    ['what looks like a mark of our own', 'z:parked:'],
  ])('keeps %s, short or long', (_, text) => {
    for (const count of [1, 3000]) {
      const held = saying(text.repeat(count));

      expect(decodeLaneMessage(encodeHeld(held))).toMatchObject({ kind: 'whole', held });
    }
  });

  it('is plain JSON while it is small, so that people can read it', () => {
    expect(JSON.parse(encodeHeld(saying('hello')))).toMatchObject({
      request_id: 'req_01KG9VHN000123456789ABCDEF',
    });
  });

  it('is compressed above 4 KB, where that helps', () => {
    const body = encodeHeld(saying('hello '.repeat(10_000)));

    expect(body).toMatch(/^z:[A-Za-z0-9+/]+=*$/);
    expect(body.length).toBeLessThan(2000);
  });

  it('is never longer for having been compressed', () => {
    fc.assert(
      fc.property(fc.base64String({ minLength: 4000, maxLength: 8000 }), (text) => {
        const held = saying(text);

        expect(encodeHeld(held).length).toBeLessThanOrEqual(JSON.stringify(held).length);
      }),
    );
  });

  it('may lie in the bucket', () => {
    expect(decodeLaneMessage(encodeParked('haiku', 'req_01J00000000000000000000000'))).toEqual({
      kind: 'parked',
      requestId: 'req_01J00000000000000000000000',
      generation: 0,
      key: 'inputs/haiku/req_01J00000000000000000000000.json',
    });
  });

  it.each(['parked:', 'parked:haiku', 'parked:haiku:pool#haiku', 'parked:results/x'])(
    'names nothing but a request: %s',
    (body) => {
      expect(decodeLaneMessage(body)).toEqual({ kind: 'unreadable' });
    },
  );

  it('is not unfolded beyond all measure', () => {
    const bomb = `z:${deflateSync('x'.repeat(33 * 1024 * 1024)).toString('base64')}`;
    expect(decodeLaneMessage(bomb)).toEqual({ kind: 'unreadable' });
  });
});

describe('a lane message that nobody can read', () => {
  it.each([
    ['is empty', ''],
    ['is no JSON', 'hello'],
    ['is JSON of something else', '{}'],
    ['is null', 'null'],
    ['lacks a field', JSON.stringify({ ...heldWith(), pool: undefined })],
    ['is cut off', encodeHeld(heldWith()).slice(0, -1)],
    ['is not what it is marked as', 'z:!!!'],
    ['is cut off as compressed', encodeHeld(saying('hello '.repeat(10_000))).slice(0, 200)],
    ['is no JSON when it is inflated', `z:${deflateSync('hello').toString('base64')}`],
  ])('%s', (_, body) => {
    expect(decodeLaneMessage(body)).toEqual({ kind: 'unreadable' });
  });

  it('is not one with a field of a newer version: that is let pass', () => {
    expect(decodeLaneMessage(JSON.stringify({ ...heldWith(), more: 1 }))).toMatchObject({
      kind: 'whole',
      held: heldWith(),
    });
  });

  it('is no reason to fail, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('', 'z:', '{', '['), (text, start) => {
        expect(decodeLaneMessage(start + text).kind).toBe('unreadable');
      }),
    );
  });
});
