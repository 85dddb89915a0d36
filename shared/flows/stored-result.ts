import type { Result } from '../contract/request.ts';

/** A result as it was stored; nothing when it is none. The parser's own error would quote the text into a log. */
export const parseStoredResult = (bytes: Uint8Array): Result | undefined => {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as Result;
  } catch {
    return undefined;
  }
};

/** With the attempts of owners that claimed after its end was written down: each was paid for. */
export const withAllAttempts = (result: Result, { attempts }: { readonly attempts: number }): Result =>
  attempts > result.attempts ? { ...result, attempts } : result;
