import type { ErrorCodeName } from '../../../contract/error-codes.ts';
import type { Problem } from '../../../contract/problem.ts';
import type { DialectError } from '../dialect-error.ts';
import { problemText } from '../problem-text.ts';

interface Kind {
  readonly status: number;
  readonly name: string;
}

const VALIDATION: Kind = { status: 400, name: 'ValidationException' };
const DENIED: Kind = { status: 403, name: 'AccessDeniedException' };
const MISSING: Kind = { status: 404, name: 'ResourceNotFoundException' };
const TIMED_OUT: Kind = { status: 408, name: 'ModelTimeoutException' };
/** Of the service's errors one that its clients do not take for a reason to call again. */
const MODEL_ERROR: Kind = { status: 424, name: 'ModelErrorException' };

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors */
const KINDS: Readonly<Record<number, Kind>> = {
  401: DENIED,
  403: DENIED,
  404: MISSING,
  408: TIMED_OUT,
  409: MODEL_ERROR,
  410: MISSING,
  429: { status: 429, name: 'ThrottlingException' },
  500: { status: 500, name: 'InternalServerException' },
  503: { status: 503, name: 'ServiceUnavailableException' },
  504: TIMED_OUT,
};

/** Tried again and again before it was said: the client need not. */
const ENDED: readonly ErrorCodeName[] = ['model_unavailable', 'crashed_drain', 'unreadable_request'];

export const toBedrockError = (problem: Problem): DialectError => {
  const kind = ENDED.includes(problem.code) ? MODEL_ERROR : (KINDS[problem.status] ?? VALIDATION);
  return {
    status: kind.status,
    body: { message: problemText(problem) },
    headers: { 'x-amzn-errortype': kind.name },
  };
};
