import type { PoolReport, ReportedDimension } from '../contract/pool-report.ts';
import type { RateLimitParts } from './limits/tenant-rate-limits.ts';
import { remainingOf, windowSecondsOf } from './to-quota-view.ts';

type Headers = Readonly<Record<string, string>>;

const unitOf = (name: string): string => (name.startsWith('requests_') ? '' : ';qu="tokens"');

const toPolicy = ({ name, limit }: ReportedDimension): string =>
  `"${name}";q=${Math.round(limit)};w=${windowSecondsOf(name)}${unitOf(name)}`;

const toLimit = (dimension: ReportedDimension, { at_ms: atMs }: PoolReport, nowMs: number): string => {
  const remaining = Math.max(0, remainingOf(dimension, { toldAtMs: atMs, nowMs }));
  const seconds = Math.max(0, Math.ceil((dimension.full_at_ms - nowMs) / 1000));
  return `"${dimension.name}";r=${remaining};t=${seconds}`;
};

const NOTHING: RateLimitParts = { policies: [], limits: [] };

/** A field without a value is no field. */
const field = (name: string, parts: readonly string[]): Headers =>
  parts.length === 0 ? {} : { [name]: parts.join(', ') };

/**
 * The quota of a pool, and what the tenant may use, in the form of draft-ietf-httpapi-ratelimit-headers-10. Nobody is
 * refused for it: it tells how fast what is sent will be served.
 */
export const rateLimitHeaders = (
  report: PoolReport | undefined,
  nowMs: number,
  ofTenant: RateLimitParts = NOTHING,
): Headers => {
  const dimensions = report?.dimensions ?? [];
  const limits = report === undefined ? [] : dimensions.map((dimension) => toLimit(dimension, report, nowMs));
  return {
    ...field('ratelimit-policy', [...dimensions.map(toPolicy), ...ofTenant.policies]),
    ...field('ratelimit', [...limits, ...ofTenant.limits]),
  };
};
