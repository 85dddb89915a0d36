import { rateLimitHeaders } from '../../shared/core/rate-limit-headers.ts';
import { readReportIfAny, type ViewDeps } from '../../shared/flows/view-context.ts';

/** Adds to an answer about a request what its pool's quota is, from the report at hand. */
export const withRateLimit = async (response: Response, pool: string, deps: ViewDeps): Promise<Response> => {
  const headers = rateLimitHeaders(await readReportIfAny(pool, deps), deps.clock.nowMs());
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
};
