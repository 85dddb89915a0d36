import { groupBy } from '../../core/group-by.ts';
import type { AcceptDeps } from './accept-deps.ts';
import type { Candidate } from './examine.ts';

export interface Reserved {
  readonly candidate: Candidate;
  /** Its tenant's first waiting request in the pool, or second, or … */
  readonly place: number;
  /** How many waited before those that came together with it. */
  readonly before: number;
  /** Whether the place was taken in the tenant's count. */
  readonly counted: boolean;
}

type CountDeps = Pick<AcceptDeps, 'tenants' | 'telemetry'>;

const groupsOf = <T>(entries: readonly T[], candidateOf: (entry: T) => Candidate) => [
  ...groupBy(entries, (entry) => {
    const { pool, tenant } = candidateOf(entry).fresh.item;
    return JSON.stringify([pool, tenant]);
  }).values(),
];

const add = async (
  candidate: Candidate | undefined,
  delta: number,
  { tenants, telemetry }: CountDeps,
): Promise<number | undefined> => {
  if (candidate === undefined) return undefined;
  const { pool, tenant } = candidate.fresh.item;
  try {
    return await tenants.addWaiting(pool, tenant, delta);
  } catch (error) {
    telemetry.log('warn', 'waiting_not_counted', { pool, tenant, delta, error: String(error) });
    return undefined;
  }
};

const reserveGroup = async (
  group: readonly Candidate[],
  deps: CountDeps,
): Promise<readonly (readonly [Candidate, Reserved])[]> => {
  const after = await add(group[0], group.length, deps);
  const before = Math.max(0, (after ?? 0) - group.length);
  return group.map((candidate, index) => [
    candidate,
    // Counts are advice: without one a request is the first of its tenant, and nothing is in its way.
    after === undefined
      ? { candidate, place: 1, before, counted: false }
      : { candidate, place: before + index + 1, before, counted: true },
  ]);
};

/** A place for each, by one write for each tenant and pool; the atomic sum hands each place out once. */
export const reservePlaces = async (
  candidates: readonly Candidate[],
  deps: CountDeps,
): Promise<ReadonlyMap<Candidate, Reserved>> => {
  const groups = groupsOf(candidates, (candidate) => candidate);
  return new Map((await Promise.all(groups.map((group) => reserveGroup(group, deps)))).flat());
};

/** Takes back the places of what did not become a waiting request. */
export const giveBack = async (unused: readonly Reserved[], deps: CountDeps): Promise<void> => {
  const groups = groupsOf(
    unused.filter(({ counted }) => counted),
    ({ candidate }) => candidate,
  );
  await Promise.all(groups.map((group) => add(group[0]?.candidate, -group.length, deps)));
};
