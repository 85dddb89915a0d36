import { createTenantPace, type PaceLimits, type TenantPace } from '../limits/tenant-pace.ts';
import type { Schedulable, Scheduler } from './scheduler.ts';

export interface PacedOptions<R> {
  readonly tenantOf: (request: R) => string;
  readonly limitsOf: (tenant: string) => PaceLimits;
  /** Quota tokens that a call is expected to take. */
  readonly costOf: (request: R) => number;
}

interface Counted {
  readonly tenant: string;
  readonly tokens: number;
}

/** More tenants than a drain meets at a time; those at rest are forgotten then. */
const MOST_PACES = 10_000;

/** Holds each tenant to limits of its own: whoever has reached one is as if it were paused, and stands in nobody's way. */
export const createPacedScheduler = <R extends Schedulable>(
  inner: Scheduler<R>,
  { tenantOf, limitsOf, costOf }: PacedOptions<R>,
  startedAtMs: number,
): Scheduler<R> => {
  const paces = new Map<string, TenantPace>();
  const underWay = new Map<string, Counted>();
  /** By what an operator, or a budget, has ordered; and by their pace. */
  const ordered = new Set<string>();
  const held = new Set<string>();
  let nowMs = startedAtMs;

  const paceOf = (tenant: string): TenantPace | undefined => {
    const known = paces.get(tenant);
    if (known !== undefined) return known;
    const pace = createTenantPace(limitsOf(tenant), nowMs);
    if (pace === undefined) return undefined;
    if (paces.size >= MOST_PACES)
      for (const [name, each] of paces) if (each.isAtRest(nowMs)) paces.delete(name);
    paces.set(tenant, pace);
    return pace;
  };

  const tell = (tenant: string): void => inner.setPaused({ tenant }, ordered.has(tenant) || held.has(tenant));

  /** Lets go again whoever may, and no one else. */
  const release = (): void => {
    for (const tenant of held) {
      if ((paceOf(tenant)?.mayGoAtMs(nowMs) ?? 0) > nowMs) continue;
      held.delete(tenant);
      tell(tenant);
    }
  };

  const began = (request: R): void => {
    const tenant = tenantOf(request);
    const pace = paceOf(tenant);
    if (pace === undefined || underWay.has(request.id)) return;
    const tokens = costOf(request);
    underWay.set(request.id, { tenant, tokens });
    pace.began(tokens, nowMs);
    if (pace.mayGoAtMs(nowMs) <= nowMs) return;
    held.add(tenant);
    tell(tenant);
  };

  const ended = (request: R, used: number): void => {
    const counted = underWay.get(request.id);
    if (counted === undefined) return;
    underWay.delete(request.id);
    paceOf(counted.tenant)?.ended({ counted: counted.tokens, used }, nowMs);
    release();
  };

  return {
    ...inner,
    putBack: (request, atMs) => {
      nowMs = Math.max(nowMs, atMs);
      ended(request, 0);
      inner.putBack(request, atMs);
    },
    pick: (atMs, fits) => {
      nowMs = Math.max(nowMs, atMs);
      release();
      return inner.pick(atMs, fits);
    },
    remove: (request) => {
      inner.remove(request);
      began(request);
    },
    settled: (request, tokens) => {
      ended(request, tokens);
      inner.settled(request, tokens);
    },
    setPaused: (what, isPaused) => {
      if (!('tenant' in what)) return inner.setPaused(what, isPaused);
      if (isPaused) ordered.add(what.tenant);
      else ordered.delete(what.tenant);
      tell(what.tenant);
    },
  };
};
