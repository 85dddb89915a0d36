import type { BatchUpload } from '../../contract/batch.ts';
import { uploadKey } from '../../contract/keys.ts';
import { limit } from '../../contract/limits.ts';
import type { BatchDeps } from './batch-deps.ts';

/** The URL for an upload: made anew for each that asks, since it ends sooner than the batch does. */
export const allowUpload = async (
  batchId: string,
  sizeBytes: number | undefined,
  deps: Pick<BatchDeps, 'uploads' | 'clock'>,
): Promise<BatchUpload> => {
  const expiresInSeconds = limit('upload_url_seconds');
  const expiresAtMs = deps.clock.nowMs() + expiresInSeconds * 1000;
  const { url, headers } = await deps.uploads.allowPut(uploadKey(batchId), {
    expiresInSeconds,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  });
  return {
    method: 'PUT',
    url,
    headers: { ...headers },
    max_bytes: sizeBytes ?? limit('batch_upload_bytes'),
    expires_at: new Date(expiresAtMs).toISOString(),
  };
};
