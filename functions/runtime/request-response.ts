import { createProblem } from '../../shared/contract/problem.ts';
import type { PendingRequest, Result } from '../../shared/contract/request.ts';
import type { Reading } from '../../shared/flows/read-request.ts';
import { toProblemResponse } from './problem-response.ts';

export const jsonResponse = (
  body: PendingRequest | Result | Readonly<Record<string, unknown>>,
  init: { readonly status: number; readonly headers?: Readonly<Record<string, string>> },
): Response =>
  new Response(JSON.stringify(body), {
    status: init.status,
    headers: { 'content-type': 'application/json', ...init.headers },
  });

/** A request that was read, as an HTTP answer. */
export const toReadingResponse = (
  reading: Reading,
  requestId: string,
  retryAfterSeconds: number,
): Response => {
  switch (reading.kind) {
    case 'pending':
      return jsonResponse(reading.request, {
        status: 200,
        headers: { 'retry-after': String(retryAfterSeconds) },
      });
    case 'ended':
      return jsonResponse(reading.result, { status: 200 });
    case 'not_found':
      return toProblemResponse(createProblem('not_found', { detail: `There is no request ${requestId}.` }));
    case 'gone':
      return toProblemResponse(createProblem('result_gone', { requestId }));
  }
};
