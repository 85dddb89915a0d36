import fc from 'fast-check';
import type { Result } from '../../shared/contract/request.ts';
import { buildSegment, type Segment, toNotificationBody } from '../../shared/core/build-segment.ts';
import { resultWith } from './samples.ts';

const keyOf = (requestId?: string): string =>
  requestId === undefined ? 'segment.jsonl' : `${requestId}.jsonl`;

const numbered = (contents: readonly (string | null)[]): readonly Result[] =>
  contents.map((content, index) => resultWith({ request_id: `req_${index}`, content, output: null }));

/** What a reader gets who follows each pointer. */
const cutOut = ({ objects, pointers }: Segment): readonly unknown[] =>
  pointers.map(({ key, offsetBytes, lengthBytes }) => {
    const body = objects.find((object) => object.key === key)?.body ?? Buffer.alloc(0);
    return JSON.parse(body.subarray(offsetBytes, offsetBytes + lengthBytes).toString('utf8'));
  });

describe('a segment', () => {
  it('of nothing is nothing', () => {
    expect(buildSegment([], keyOf)).toEqual({ objects: [], pointers: [] });
  });

  it('is one object of JSON Lines', () => {
    const { objects, pointers } = buildSegment(numbered(['a', 'bc']), keyOf);
    const lines = objects[0]?.body.toString('utf8').split('\n') ?? [];

    expect(objects.map(({ key }) => key)).toEqual(['segment.jsonl']);
    expect(lines).toHaveLength(3);
    expect(lines.slice(0, 2).map((line) => JSON.parse(line).content)).toEqual(['a', 'bc']);
    expect(lines[2]).toBe('');
    expect(pointers[1]).toMatchObject({ key: 'segment.jsonl', offsetBytes: (lines[0]?.length ?? 0) + 1 });
  });

  it('has pointers that cut out exactly each result, whatever text is in it', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('é😀\n\u2028', '\ud800', null));

    fc.assert(
      fc.property(fc.array(text, { maxLength: 20 }), (contents) => {
        const results = numbered(contents);

        expect(cutOut(buildSegment(results, keyOf))).toEqual(results);
      }),
    );
  });

  it('gives a large result an object of its own, and keeps the pointers in order', () => {
    const results = numbered(['small', 'x'.repeat(205_000), '', 'é'.repeat(110_000), 'last']);
    const segment = buildSegment(results, keyOf);

    expect(segment.objects.map(({ key }) => key)).toEqual(['segment.jsonl', 'req_1.jsonl', 'req_3.jsonl']);
    expect(segment.pointers.map(({ key }) => key)).toEqual([
      'segment.jsonl',
      'req_1.jsonl',
      'segment.jsonl',
      'req_3.jsonl',
      'segment.jsonl',
    ]);
    expect(cutOut(segment)).toEqual(results);
  });

  it('tells of a large result among the others, without its answer', () => {
    const { objects } = buildSegment(numbered(['x'.repeat(205_000)]), keyOf);

    expect(objects.map(({ key }) => key)).toEqual(['segment.jsonl', 'req_0.jsonl']);
    expect(JSON.parse(objects[0]?.body.toString('utf8') ?? '')).toMatchObject({
      request_id: 'req_0',
      content: null,
      truncated: true,
      usage: { input_tokens: 10 },
    });
  });

  it('packs a result of just 204800 bytes, and not one of a byte more', () => {
    const empty = Buffer.byteLength(
      JSON.stringify(resultWith({ request_id: 'req_0', content: '', output: null })),
    );
    const keysAt = (bytes: number) =>
      buildSegment(numbered(['x'.repeat(bytes - empty)]), keyOf).pointers.map(({ key }) => key);

    expect(keysAt(204_800)).toEqual(['segment.jsonl']);
    expect(keysAt(204_801)).toEqual(['req_0.jsonl']);
  });
});

describe('a message on the results queue', () => {
  it('is the result', () => {
    expect(JSON.parse(toNotificationBody(resultWith()))).toEqual(resultWith());
  });

  it('goes without its answer when that is too large, and says so', () => {
    const large = resultWith({ content: 'x'.repeat(205_000) });

    expect(JSON.parse(toNotificationBody(large))).toEqual({
      ...resultWith(),
      content: null,
      output: null,
      truncated: true,
    });
  });

  it('is small enough whatever the answer is, also where escapes make it longer', () => {
    for (const content of ['\ufffe'.repeat(60_000), '\u0001'.repeat(60_000), 'é'.repeat(102_400)])
      expect(Buffer.byteLength(toNotificationBody(resultWith({ content })))).toBeLessThanOrEqual(204_800);
  });
});
