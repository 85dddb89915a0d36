import { createProblem } from '../../shared/contract/problem.ts';
import type { PendingRequest } from '../../shared/contract/request.ts';
import type { Reading } from '../../shared/flows/read-request.ts';
import { toProblemResponse } from './problem-response.ts';

export const jsonResponse = (
  body: object,
  init: { readonly status: number; readonly headers?: Readonly<Record<string, string>> },
): Response =>
  new Response(JSON.stringify(body), {
    status: init.status,
    headers: { 'content-type': 'application/json', ...init.headers },
  });

/** However long it takes, a prediction is worth asking about again after so long. */
const LONGEST_RETRY_SECONDS = 300;
/** For what nobody can foresee, such as the end of a pause. */
const UNKNOWN_RETRY_SECONDS = 60;

/** When a poll is worth while. */
export const retryAfterOf = ({ eta_seconds }: PendingRequest): Readonly<Record<'retry-after', string>> => ({
  'retry-after': String(Math.min(LONGEST_RETRY_SECONDS, eta_seconds ?? UNKNOWN_RETRY_SECONDS)),
});

/** A request that was read, as an HTTP answer. */
export const toReadingResponse = (
  reading: Reading,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
): Response => {
  switch (reading.kind) {
    case 'pending':
      return jsonResponse(reading.request, {
        status: 200,
        headers: { ...retryAfterOf(reading.request), ...headers },
      });
    case 'ended':
      return jsonResponse(reading.result, { status: 200, headers });
    case 'not_found':
      return toProblemResponse(createProblem('not_found', { detail: `There is no request ${requestId}.` }));
    case 'gone':
      return toProblemResponse(createProblem('result_gone', { requestId }));
  }
};
