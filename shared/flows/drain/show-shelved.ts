import { crowdOf } from './crowd.ts';
import { showAgain } from './put-back.ts';
import type { Session } from './session.ts';
import type { LaneShelf } from './shelves.ts';
import { isPriorityPaused } from './steer.ts';

const MOST_AT_ONCE = 10;
/** What was shown is given so long to come before more is. */
const SHOWN_MS = 300;
const LOOK_MS = 250;
const FORGET_EVERY_MS = 1_000;
/** At a time: fifty calls. */
const MOST_PUT_BACK = 500;

const show = async (session: Session, laneShelf: LaneShelf, tenant: string, most: number): Promise<void> => {
  const { queue, shelf, shownAtMs } = laneShelf;
  const nowMs = session.deps.clock.monotonicMs();
  shownAtMs.set(tenant, nowMs);
  const receipts = shelf.take(tenant, most, nowMs).map(({ receipt }) => ({ queue, receipt }));
  await showAgain(session, receipts, 0);
};

/** Whoever has used up half of its places gets its next ones back, due or not: no quota is idle because of a shelf. */
const showNeeded = async (session: Session, laneShelf: LaneShelf): Promise<void> => {
  const crowd = crowdOf(session, laneShelf);
  const nowMs = session.deps.clock.monotonicMs();
  for (const tenant of laneShelf.shelf.tenants()) {
    const missing = crowd.places(tenant) - crowd.taken(tenant);
    const shownAtMs = laneShelf.shownAtMs.get(tenant) ?? Number.NEGATIVE_INFINITY;
    if (missing >= crowd.places(tenant) / 2 && nowMs - shownAtMs >= SHOWN_MS)
      await show(session, laneShelf, tenant, Math.min(MOST_AT_ONCE, missing));
  }
};

/** Shows what lies on the shelves to their lanes again as it is needed, until told to stop. */
export const showShelved = async (session: Session, stopped: () => boolean): Promise<void> => {
  const { clock } = session.deps;
  let forgottenAtMs = clock.monotonicMs();
  while (!stopped()) {
    const nowMs = clock.monotonicMs();
    const isTime = nowMs - forgottenAtMs >= FORGET_EVERY_MS;
    if (isTime) forgottenAtMs = nowMs;
    for (const laneShelf of session.shelves.values()) {
      // Nobody receives from its lane: all comes back by itself.
      if (isPriorityPaused(session, laneShelf.source.priority)) laneShelf.shelf.clear();
      if (isTime) laneShelf.shelf.forgetDue(nowMs);
      if (laneShelf.shelf.size() > 0) await showNeeded(session, laneShelf);
    }
    await session.room.changed.wait(LOOK_MS);
  }
};

/** Puts back everything: a successor finds all that waits, and none of it keeps anybody from a wake. */
export const clearShelves = async (session: Session): Promise<void> => {
  const nowMs = session.deps.clock.monotonicMs();
  for (const { queue, shelf } of session.shelves.values())
    while (shelf.size() > 0)
      for (const tenant of shelf.tenants()) {
        const taken = shelf.take(tenant, MOST_PUT_BACK, nowMs);
        await showAgain(
          session,
          taken.map(({ receipt }) => ({ queue, receipt })),
          0,
        );
      }
};
