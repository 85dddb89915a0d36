import { randomUUID } from 'node:crypto';
import type { ErrorCodeName } from '../../shared/contract/error-codes.ts';
import {
  createProblem,
  type Problem,
  type ProblemOptions,
  type QueryFault,
} from '../../shared/contract/problem.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { routesAt } from './find-route.ts';

export const toProblemResponse = (
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response =>
  new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: {
      'content-type': 'application/problem+json',
      ...(problem.status === 503 ? { 'retry-after': '1' } : {}),
      ...(problem.retry_after_seconds === undefined
        ? {}
        : { 'retry-after': String(problem.retry_after_seconds) }),
      ...headers,
    },
  });

export const problemResponse = (code: ErrorCodeName, options: ProblemOptions = {}): Response =>
  toProblemResponse(createProblem(code, options));

/** A query whose parameters have faults. */
export const toFaultyQuery = (errors: readonly QueryFault[]): Response =>
  problemResponse('invalid_request', { detail: 'The query has faults.', errors });

/** No such route: either nothing is there, or it wants another method. */
export const noSuchRoute = (method: string, path: string): Response => {
  const allowed = routesAt(path).flatMap((route) =>
    route.method === 'GET' ? ['GET', 'HEAD'] : [route.method],
  );
  if (allowed.length === 0)
    return problemResponse('not_found', { detail: `There is nothing at ${path}; see /openapi.json.` });
  const problem = createProblem('method_not_allowed', {
    detail: `${path} takes ${allowed.join(', ')}, not ${method}.`,
  });
  return toProblemResponse(problem, { allow: allowed.join(', ') });
};

/** A bug or broken infrastructure: the caller gets an id to name, the log gets the error, nobody a stack trace. */
export const unexpected = (error: unknown, telemetry: Telemetry, correlationId: string): Response => {
  const instance = `urn:uuid:${randomUUID()}`;
  telemetry.log('error', 'request_not_answered', {
    instance,
    correlation_id: correlationId,
    error: String(error),
  });
  return problemResponse('internal_error', { instance });
};
