import { limit } from '../contract/limits.ts';
import { createProblem, type Problem } from '../contract/problem.ts';

/** Why an upload of so many bytes, or none at all, can not be begun with. */
export const uploadProblem = (
  sizeBytes: number | undefined,
  announcedBytes: number | undefined,
): Problem | undefined => {
  if (sizeBytes === undefined) return createProblem('upload_missing');
  const most = limit('batch_upload_bytes');
  if (sizeBytes > most)
    return createProblem('request_too_large', {
      detail: `The upload has ${sizeBytes} bytes; at most ${most} are allowed. Upload less, or split it into several batches.`,
    });
  if (announcedBytes !== undefined && sizeBytes !== announcedBytes)
    return createProblem('upload_size_differs', {
      detail: `The upload has ${sizeBytes} bytes, but \`size_bytes\` of the batch says ${announcedBytes}. PUT a body of just ${announcedBytes} bytes, or create another batch.`,
    });
  return undefined;
};
