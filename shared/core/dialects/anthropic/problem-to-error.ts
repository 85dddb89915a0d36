import type { Problem } from '../../../contract/problem.ts';
import type { Json } from '../../answers/json-members.ts';
import type { DialectError } from '../dialect-error.ts';
import { isUnknownModel, problemText } from '../problem-text.ts';

interface Kind {
  readonly status: number;
  readonly type: string;
}

const NOT_FOUND: Kind = { status: 404, type: 'not_found_error' };

/** What Anthropic's own API answers, by our statuses: https://platform.claude.com/docs/en/api/errors */
const KINDS: Readonly<Record<number, Kind>> = {
  401: { status: 401, type: 'authentication_error' },
  403: { status: 403, type: 'permission_error' },
  404: NOT_FOUND,
  408: { status: 504, type: 'timeout_error' },
  410: NOT_FOUND,
  413: { status: 413, type: 'request_too_large' },
  429: { status: 429, type: 'rate_limit_error' },
  500: { status: 500, type: 'api_error' },
  503: { status: 529, type: 'overloaded_error' },
  504: { status: 504, type: 'timeout_error' },
};

const BAD_REQUEST: Kind = { status: 400, type: 'invalid_request_error' };

const kindOf = (problem: Problem): Kind =>
  isUnknownModel(problem) ? NOT_FOUND : (KINDS[problem.status] ?? BAD_REQUEST);

/** As it stands in the body of an answer, and inside a result of a batch. */
export const toAnthropicErrorBody = (problem: Problem): Json => ({
  type: 'error',
  error: { type: kindOf(problem).type, message: problemText(problem) },
  request_id: problem.request_id ?? null,
});

export const toAnthropicError = (problem: Problem): DialectError => ({
  status: kindOf(problem).status,
  body: toAnthropicErrorBody(problem),
});
