import type { Objects } from '../../shared/ports/objects.ts';
import type { Subject } from './subject.ts';

const textOf = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');

export const describeObjects = (name: string, open: () => Promise<Subject<Objects>>): void => {
  describe(`${name} as objects`, () => {
    let port: Objects;

    beforeAll(async () => {
      port = (await open()).port;
    });

    it('gives back the bytes that were put', async () => {
      await port.put('inputs/haiku/a.json', Buffer.from('{"text":"🚦"}'), 'application/json');
      expect(textOf(await port.get('inputs/haiku/a.json'))).toBe('{"text":"🚦"}');
    });

    it('gives back a range', async () => {
      await port.put('results/b.jsonl', Buffer.from('{"a":1}\n{"b":2}\n'), 'application/x-ndjson');
      expect(textOf(await port.get('results/b.jsonl', { offsetBytes: 0, lengthBytes: 7 }))).toBe('{"a":1}');
      expect(textOf(await port.get('results/b.jsonl', { offsetBytes: 8, lengthBytes: 7 }))).toBe('{"b":2}');
    });

    it('has nothing under a key that was never put', async () => {
      expect(await port.get('results/never.jsonl')).toBeUndefined();
      expect(await port.get('results/never.jsonl', { offsetBytes: 0, lengthBytes: 7 })).toBeUndefined();
    });

    it('tells the size of an object, and of one that is not there that it is not', async () => {
      await port.put('batches/d.jsonl', Buffer.from('🚦\n'), 'application/x-ndjson');
      expect(await port.sizeOf('batches/d.jsonl')).toBe(5);
      expect(await port.sizeOf('batches/never.jsonl')).toBeUndefined();
    });

    it('copies an object, whatever becomes of it later', async () => {
      await port.put('uploads/e.jsonl', Buffer.from('first'), 'application/x-ndjson');
      expect(await port.copy('uploads/e.jsonl', 'batches/e.jsonl')).toBe(true);
      await port.put('uploads/e.jsonl', Buffer.from('second'), 'application/x-ndjson');
      expect(textOf(await port.get('batches/e.jsonl'))).toBe('first');
      expect(await port.copy('uploads/never.jsonl', 'batches/never.jsonl')).toBe(false);
    });

    it('keeps the last of two puts', async () => {
      await port.put('results/c.jsonl', Buffer.from('first'), 'application/x-ndjson');
      await port.put('results/c.jsonl', Buffer.from('second'), 'application/x-ndjson');
      expect(textOf(await port.get('results/c.jsonl'))).toBe('second');
    });
  });
};
