import { bulkShard } from '../../core/choose-queue.ts';
import type { Staged } from './held-requests.ts';
import type { Session } from './session.ts';
import type { LaneShelf } from './shelves.ts';

/** Who shares a bulk lane, as far as a drain can know. */
export interface Crowd {
  /** Places that a tenant has taken, and how many it may have. */
  taken(tenant: string): number;
  places(tenant: string): number;
  /** Others have more waiting than they have places. */
  isShared(tenant: string): boolean;
  /** For somebody whose messages have been seen. */
  readonly isContested: boolean;
}

/** By then, all that the owner before had hidden has come back. */
const INHERITED_MS = 600_000;

const countTenants = (all: Iterable<Staged>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const { held } of all) counts.set(held.tenant, (counts.get(held.tenant) ?? 0) + 1);
  return counts;
};

/** Tenants that are counted as waiting for more than is in hand, in whatever class. */
function* waitingElsewhere({ deps, held, waitingOf, inherited, startedAtMs }: Session): Iterable<string> {
  const inHand = countTenants(held.values());
  for (const [tenant, count] of waitingOf) if (count > (inHand.get(tenant) ?? 0)) yield tenant;
  if (deps.clock.monotonicMs() - startedAtMs > INHERITED_MS) return;
  for (const tenant of inherited) if (!inHand.has(tenant)) yield tenant;
}

/** Of these, two that may wait in this lane, and one more who has not been seen in it: others would add nothing. */
const someUnseen = (
  session: Session,
  { source }: LaneShelf,
  seen: ReadonlySet<string>,
): readonly string[] => {
  const found: string[] = [];
  for (const tenant of waitingElsewhere(session)) {
    const isKnown = seen.has(tenant);
    if ((found.length < 2 || !isKnown) && bulkShard(tenant) === source.band) found.push(tenant);
    if (found.length > 1 && !isKnown) break;
  }
  return found;
};

export const crowdOf = (session: Session, laneShelf: LaneShelf): Crowd => {
  const { source, shelf } = laneShelf;
  const staged = [...session.held.values()].filter(
    ({ band, priority, phase }) =>
      phase === 'waiting' && band === source.band && priority === source.priority,
  );
  const taken = countTenants(staged);
  const shelved = shelf.tenants();
  const seen = new Set([...taken.keys(), ...shelved]);
  const unseen = someUnseen(session, laneShelf, seen);
  const backlogged = new Set([...shelved, ...unseen]);
  // All who have not been seen yet share the places of one: they may well be elsewhere.
  const tenants = seen.size + (unseen.some((tenant) => !seen.has(tenant)) ? 1 : 0);
  const isShared = (tenant: string): boolean => backlogged.size > (backlogged.has(tenant) ? 1 : 0);
  return {
    taken: (tenant) => taken.get(tenant) ?? 0,
    places: (tenant) => session.room.perTenant(source, isShared(tenant) ? Math.max(1, tenants) : 1),
    isShared,
    isContested: [...seen].some(isShared),
  };
};
