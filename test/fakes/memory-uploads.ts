import type { Uploads } from '../../shared/ports/uploads.ts';

/** URLs that lead nowhere, but say what they were made for. */
export const createMemoryUploads = (): Uploads => ({
  allowPut: async (key, { expiresInSeconds, sizeBytes }) => ({
    url: `https://bucket.test/${key}?expires=${expiresInSeconds}`,
    headers: sizeBytes === undefined ? {} : { 'content-length': String(sizeBytes) },
  }),
});
