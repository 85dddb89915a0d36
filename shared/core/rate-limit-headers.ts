import type { PoolReport, ReportedDimension } from '../contract/pool-report.ts';
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

/**
 * The quota of a pool in the form of draft-ietf-httpapi-ratelimit-headers-10. Nobody is refused for it: it tells how
 * fast what is sent will be served.
 */
export const rateLimitHeaders = (report: PoolReport | undefined, nowMs: number): Headers =>
  report === undefined || report.dimensions.length === 0
    ? {}
    : {
        'ratelimit-policy': report.dimensions.map(toPolicy).join(', '),
        ratelimit: report.dimensions.map((dimension) => toLimit(dimension, report, nowMs)).join(', '),
      };
