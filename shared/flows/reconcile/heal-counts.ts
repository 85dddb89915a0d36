import { parseTenantItemKey } from '../../contract/keys.ts';
import type { CountedTenant, ScanProgress } from '../../ports/table-scan.ts';
import { isAtRest } from '../drain/is-at-rest.ts';
import type { ReconcileDeps } from './reconcile-deps.ts';
import { reportHealed } from './report-damage.ts';

/** So many at once: the progress stays a small item. */
const MOST_DOUBTED = 100;
/** Longer than depths of SQS may be late, and than a door takes from its count to its message. */
const DOUBT_MS = 600_000;

export type IsPoolAtRest = (pool: string) => Promise<boolean>;

/** Asked once for each pool in a run. */
export const createPoolsAtRest = (deps: ReconcileDeps): IsPoolAtRest => {
  const asked = new Map<string, Promise<boolean>>();
  return (pool) => {
    // Of a pool that is not configured any more there are no queues to ask.
    if (deps.settings.models[pool] === undefined) return Promise.resolve(false);
    const known = asked.get(pool) ?? isAtRest(pool, deps);
    asked.set(pool, known);
    return known;
  };
};

/** Those who are said to wait where nothing waits. They are doubted first: depths are late, and a count may be early. */
export const doubtCounts = async (
  counted: readonly CountedTenant[],
  isPoolAtRest: IsPoolAtRest,
): Promise<ScanProgress['doubted']> => {
  const doubted: Record<string, number> = {};
  for (const { key, waiting } of counted) {
    const pool = parseTenantItemKey(key)?.pool;
    if (pool !== undefined && (await isPoolAtRest(pool))) doubted[key] = waiting;
  }
  return doubted;
};

export const withDoubts = (
  progress: ScanProgress,
  doubted: ScanProgress['doubted'],
  nowMs: number,
): ScanProgress => {
  if (Object.keys(doubted).length === 0) return progress;
  const all = Object.entries({ ...progress.doubted, ...doubted });
  return { ...progress, doubted: Object.fromEntries(all.slice(0, MOST_DOUBTED)), doubtedAtMs: nowMs };
};

export const isDoubtRipe = ({ doubted, doubtedAtMs }: ScanProgress, nowMs: number): boolean =>
  Object.keys(doubted).length > 0 && doubtedAtMs + DOUBT_MS <= nowMs;

/** Whoever was doubted in an earlier run and has the very same count, in a pool that is at rest again: it has leaked. */
export const healCounts = async (
  doubted: ScanProgress['doubted'],
  isPoolAtRest: IsPoolAtRest,
  deps: ReconcileDeps,
): Promise<void> => {
  for (const [key, waiting] of Object.entries(doubted)) {
    const counter = parseTenantItemKey(key);
    if (counter === undefined || !(await isPoolAtRest(counter.pool))) continue;
    if (await deps.tenants.setRightIf(counter.pool, counter.tenant, waiting))
      reportHealed(deps.telemetry, 'tenant_miscounted', { ...counter, waiting });
  }
};
