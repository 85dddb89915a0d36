import type { Problem } from '../../../contract/problem.ts';
import type { DialectError } from '../dialect-error.ts';
import { isUnknownModel, placeOf, problemText } from '../problem-text.ts';

/** By our statuses; all others are a bad request. */
const KINDS: Readonly<
  Record<number, { readonly status: number; readonly type: string; readonly code?: string }>
> = {
  401: { status: 401, type: 'invalid_request_error', code: 'invalid_api_key' },
  403: { status: 403, type: 'invalid_request_error' },
  404: { status: 404, type: 'invalid_request_error' },
  408: { status: 504, type: 'server_error' },
  410: { status: 404, type: 'invalid_request_error' },
  413: { status: 413, type: 'invalid_request_error' },
  429: { status: 429, type: 'requests', code: 'rate_limit_exceeded' },
  500: { status: 500, type: 'server_error' },
  503: { status: 503, type: 'server_error' },
  504: { status: 504, type: 'server_error' },
};

const BAD_REQUEST = { status: 400, type: 'invalid_request_error' } as const;
const NO_MODEL = { status: 404, type: 'invalid_request_error', code: 'model_not_found' } as const;

/** The field of the body that has the first fault. */
const paramOf = ({ errors: [first] = [] }: Problem): string | null => {
  const place = first === undefined ? '' : placeOf(first);
  return place === '' ? null : place;
};

/** https://platform.openai.com/docs/guides/error-codes */
export const toOpenAiError = (problem: Problem): DialectError => {
  const kind = isUnknownModel(problem) ? NO_MODEL : (KINDS[problem.status] ?? BAD_REQUEST);
  const code = 'code' in kind ? kind.code : problem.code;
  return {
    status: kind.status,
    body: {
      error: {
        message: problemText(problem),
        type: kind.type,
        param: paramOf(problem),
        code: code ?? problem.code,
      },
    },
  };
};
