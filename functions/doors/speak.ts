import type { MiddlewareHandler } from 'hono';
import type { Problem } from '../../shared/contract/problem.ts';
import type { DialectError } from '../../shared/core/dialects/dialect-error.ts';

export interface Dialect {
  readonly toError: (problem: Problem) => DialectError;
  /** Where clients look for the id of an answer, to name in a report. */
  readonly requestIdHeader: string;
}

const isProblem = (response: Response): boolean =>
  response.headers.get('content-type') === 'application/problem+json';

const translate = async (response: Response, { toError, requestIdHeader }: Dialect): Promise<Response> => {
  const problem = (await response.json()) as Problem;
  const { status, body, headers = {} } = toError(problem);
  const all = new Headers(response.headers);
  all.set('content-type', 'application/json');
  if (problem.request_id !== undefined) all.set(requestIdHeader, problem.request_id);
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  return new Response(JSON.stringify(body), { status, headers: all });
};

/** Whatever goes wrong behind it, whoever says so, is said as the clients of a dialect expect it. */
export const speak =
  (dialect: Dialect): MiddlewareHandler =>
  async (context, next) => {
    await next();
    if (isProblem(context.res)) {
      const translated = await translate(context.res, dialect);
      // Hono would take headers over from the answer before.
      context.res = undefined;
      context.res = translated;
    }
    if (!context.res.headers.has(dialect.requestIdHeader))
      context.res.headers.set(dialect.requestIdHeader, context.get('correlationId'));
  };
