import { BedrockRuntimeServiceException } from '@aws-sdk/client-bedrock-runtime';
import type { ModelFault } from '../core/classify-fault.ts';

/** The answer did not come to its end: nothing tells what is missing of it. */
export class BrokenStreamError extends Error {
  override readonly name = 'BrokenStreamError';
}

/** Whatever was thrown instead of an answer. Errors inside a stream come after a status of success. */
export const toFault = (error: unknown): ModelFault => {
  // An abort's reason is no Error everywhere, but has its name.
  const { name = 'Error', message = String(error) } = Object(error) as Partial<Error>;
  if (!(error instanceof BedrockRuntimeServiceException)) return { name, status: undefined, message };
  const status = error.$metadata?.httpStatusCode;
  return { name, status: status !== undefined && status >= 400 ? status : undefined, message };
};
