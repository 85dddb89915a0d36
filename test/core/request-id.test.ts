import fc from 'fast-check';
import { BATCH_ID_PATTERN, REQUEST_ID_PATTERN } from '../../shared/contract/keys.ts';
import {
  createBatchId,
  createRequestId,
  deriveBatchId,
  deriveRequestId,
  type IdSource,
} from '../../shared/core/request-id.ts';
import { NOON_MS } from './samples.ts';

const anyText = fc.string({ unit: 'binary' });

const anySource: fc.Arbitrary<IdSource> = fc.oneof(
  fc.record({ kind: fc.constant('key' as const), tenant: anyText, key: anyText }),
  fc.record({ kind: fc.constant('message' as const), tenant: anyText, messageId: anyText }),
  fc.record({ kind: fc.constant('member' as const), batchId: anyText, index: fc.nat() }),
);

describe('a derived id', () => {
  it.each<[IdSource, string]>([
    [{ kind: 'key', tenant: 'acme', key: 'k1' }, 'req_DWRNX3TR4J0QSRGN7AKV8KDGQ5'],
    [{ kind: 'message', tenant: 'acme', messageId: 'k1' }, 'req_N8XJ1GMSKKWCB4QCEA4PRDAEM8'],
    [{ kind: 'key', tenant: 'default', key: 'invoice-4711-v1' }, 'req_TD0Z83ZJ8K17FZQFZXNZYB565E'],
    [{ kind: 'member', batchId: 'bat_1', index: 17 }, 'req_5KWYGNY4QB3FP0VAK4WFB3F7M2'],
  ])('of %j is %s for ever: the store has ids from before', (source, id) => {
    expect(deriveRequestId(source)).toBe(id);
  });

  it('has 26 characters that survive being read aloud', () => {
    fc.assert(
      fc.property(anySource, (source) => {
        expect(deriveRequestId(source)).toMatch(REQUEST_ID_PATTERN);
      }),
    );
  });

  it('is another for every other source', () => {
    fc.assert(
      fc.property(anySource, anySource, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        expect(deriveRequestId(one)).not.toBe(deriveRequestId(other));
      }),
    );
  });

  it.each<[string, IdSource, IdSource]>([
    [
      'a border moved by a NUL',
      { kind: 'key', tenant: 'a\0b', key: 'c' },
      { kind: 'key', tenant: 'a', key: 'b\0c' },
    ],
    [
      'a border moved by a quote',
      { kind: 'key', tenant: 'a","b', key: 'c' },
      { kind: 'key', tenant: 'a', key: 'b","c' },
    ],
    ['a border moved', { kind: 'key', tenant: 'ab', key: 'c' }, { kind: 'key', tenant: 'a', key: 'bc' }],
    [
      'another lone surrogate',
      { kind: 'key', tenant: 'a', key: '\ud800' },
      { kind: 'key', tenant: 'a', key: '\ud801' },
    ],
    [
      'another kind',
      { kind: 'key', tenant: 'a', key: 'm' },
      { kind: 'message', tenant: 'a', messageId: 'm' },
    ],
  ])('is another for %s', (_, one, other) => {
    expect(deriveRequestId(one)).not.toBe(deriveRequestId(other));
  });
});

describe('the id of a batch', () => {
  it('comes from the tenant and its key, for ever', () => {
    expect(deriveBatchId('acme', 'k1')).toBe('bat_1P6MYRYSX0XXER9DD7YDTZXVPH');
    expect(deriveBatchId('acme', 'k1').slice(4)).not.toBe(
      deriveRequestId({ kind: 'key', tenant: 'acme', key: 'k1' }).slice(4),
    );
  });

  it('is otherwise its time and then chance', () => {
    expect(createBatchId(NOON_MS, (count) => new Uint8Array(count))).toBe('bat_01KG9YS7G00000000000000000');
    expect(deriveBatchId('acme', 'k1')).toMatch(BATCH_ID_PATTERN);
  });
});

describe('a new id', () => {
  const ones = (count: number): Uint8Array => new Uint8Array(count).fill(255);

  it('is its time and then chance', () => {
    expect(createRequestId(NOON_MS, ones)).toBe('req_01KG9YS7G0ZZZZZZZZZZZZZZZZ');
    expect(createRequestId(0, (count) => new Uint8Array(count))).toBe('req_00000000000000000000000000');
  });

  it('matches the pattern of ids, and sorts by its time whatever chance adds', () => {
    const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 });
    const time = fc.integer({ min: 0, max: 4_102_444_800_000 });

    fc.assert(
      fc.property(time, time, bytes, bytes, (one, other, chance, otherChance) => {
        fc.pre(one !== other);
        const first = createRequestId(Math.min(one, other), () => chance);
        const second = createRequestId(Math.max(one, other), () => otherChance);

        expect(first).toMatch(REQUEST_ID_PATTERN);
        expect(first < second).toBe(true);
      }),
    );
  });

  it('differs with every bit of chance', () => {
    const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 });

    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        fc.pre(Buffer.compare(one, other) !== 0);
        expect(createRequestId(NOON_MS, () => one)).not.toBe(createRequestId(NOON_MS, () => other));
      }),
    );
  });
});
