import { rateLimitHeaders } from '../../shared/core/rate-limit-headers.ts';
import { readTenantLimits, type TenantLimitDeps } from '../../shared/flows/read-tenant-limits.ts';
import { readReportIfAny, type ViewDeps } from '../../shared/flows/view-context.ts';

export type RateLimitDeps = ViewDeps & TenantLimitDeps;

/** Adds to an answer about a request what its pool's quota is, from the report at hand, and what its tenant may use. */
export const withRateLimit = async (
  response: Response,
  { pool, tenant }: { readonly pool: string; readonly tenant: string },
  deps: RateLimitDeps,
): Promise<Response> => {
  const [report, limits] = await Promise.all([readReportIfAny(pool, deps), readTenantLimits(tenant, deps)]);
  const headers = rateLimitHeaders(report, deps.clock.nowMs(), limits);
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
};
