import type { RequestReader } from '../../shared/ports/request-reader.ts';
import type { RequestStore } from '../../shared/ports/request-store.ts';
import { queuedItem } from './request-items.ts';
import type { Subject } from './subject.ts';

export interface Readable {
  readonly store: RequestStore;
  readonly reader: RequestReader;
}

export const describeRequestReader = (name: string, open: () => Promise<Subject<Readable>>): void => {
  describe(`${name} as request reader`, () => {
    let port: Readable;

    beforeAll(async () => {
      port = (await open()).port;
    });

    it('gives the requests that there are, whole', async () => {
      const items = ['req-read-1', 'req-read-2'].map((id) => queuedItem(id, { customId: id }));
      for (const item of items) await port.store.create(item);
      const found = await port.reader.readMany(['req-read-2', 'req-read-none', 'req-read-1']);
      expect([...found.keys()].toSorted()).toEqual(['req-read-1', 'req-read-2']);
      expect(found.get('req-read-1')).toEqual(items[0]);
    });

    it('gives more than the hundred that one read of DynamoDB holds', async () => {
      const ids = Array.from({ length: 230 }, (_, index) => `req-many-${index}`);
      await Promise.all(ids.map((id) => port.store.create(queuedItem(id))));
      expect((await port.reader.readMany(ids)).size).toBe(230);
    });

    it('gives nothing for nothing', async () => {
      expect((await port.reader.readMany([])).size).toBe(0);
    });
  });
};
