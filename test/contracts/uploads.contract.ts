import type { Uploads } from '../../shared/ports/uploads.ts';
import type { Subject } from './subject.ts';

const KEY = 'uploads/bat_00000000000000000000000001.jsonl';

export const describeUploads = (name: string, open: () => Promise<Subject<Uploads>>): void => {
  describe(`${name} as uploads`, () => {
    let uploads: Uploads;

    beforeAll(async () => {
      uploads = (await open()).port;
    });

    it('lead to the key, and ask for no header unless the size is given', async () => {
      const { url, headers } = await uploads.allowPut(KEY, { expiresInSeconds: 60 });
      expect(new URL(url).pathname.endsWith(`/${KEY}`)).toBe(true);
      expect(headers).toEqual({});
    });

    it('are bound to a size by a header', async () => {
      const { headers } = await uploads.allowPut(KEY, { expiresInSeconds: 60, sizeBytes: 1234 });
      expect(headers).toEqual({ 'content-length': '1234' });
    });

    it('differ by how long they may be used', async () => {
      const [short, long] = await Promise.all(
        [60, 3600].map((expiresInSeconds) => uploads.allowPut(KEY, { expiresInSeconds })),
      );
      expect(short?.url).not.toBe(long?.url);
    });
  });
};
