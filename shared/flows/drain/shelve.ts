import { groupBy } from '../../core/group-by.ts';
import { hiddenSeconds } from '../../core/scheduler/hidden-seconds.ts';
import type { ReceivedMessage } from '../../ports/queues.ts';
import { crowdOf } from './crowd.ts';
import type { Session } from './session.ts';
import type { LaneShelf } from './shelves.ts';

/** Of a lane. A receipt has some 500 bytes, all come by twice in ten minutes, and SQS hides 120,000 of a queue at most. */
const MOST_SHELVED = 20_000;

const isFull = ({ shelf }: LaneShelf): boolean => shelf.size() >= MOST_SHELVED;

/** Messages of a lane lie on its shelf, or will as soon as they are received. */
export const isCrowded = (session: Session, queue: string): boolean => {
  const laneShelf = session.shelves.get(queue);
  if (laneShelf === undefined || isFull(laneShelf)) return false;
  return laneShelf.shelf.size() > 0 || crowdOf(session, laneShelf).isContested;
};

/** Those whose tenants have their places already while others wait behind; they are not even read. */
export const withoutPlaces = (
  session: Session,
  laneShelf: LaneShelf,
  messages: readonly ReceivedMessage[],
): readonly ReceivedMessage[] => {
  if (messages.length === 0 || isFull(laneShelf)) return [];
  const crowd = crowdOf(session, laneShelf);
  const coming = new Map<string, number>();
  let free = session.room.free(laneShelf.source);
  return messages.filter(({ groupId, sentAtMs }) => {
    if (groupId === undefined || !crowd.isShared(groupId)) return false;
    const taken = crowd.taken(groupId) + (coming.get(groupId) ?? 0);
    const places = crowd.places(groupId);
    if (free <= 0 || taken >= places) return true;
    if (laneShelf.shelf.before(groupId, sentAtMs) > 0 && taken >= places / 4) return true;
    coming.set(groupId, (coming.get(groupId) ?? 0) + 1);
    free -= 1;
    return false;
  });
};

/** Hides messages until shortly before their turn. Should the drain die, they come back by themselves, in time. */
export const shelve = async (
  session: Session,
  { queue, shelf, turnsPerSecond }: LaneShelf,
  messages: readonly ReceivedMessage[],
): Promise<void> => {
  const { clock, queues, random, telemetry } = session.deps;
  for (const [tenant, group] of groupBy(messages, ({ groupId = '' }) => groupId)) {
    const nowMs = clock.monotonicMs();
    const before = Math.min(...group.map(({ sentAtMs }) => shelf.before(tenant, sentAtMs)));
    const seconds = hiddenSeconds({ before, perSecond: turnsPerSecond(tenant, nowMs) }, random);
    try {
      await queues.setVisibility(
        group.map(({ receipt }) => ({ queue, receipt })),
        seconds,
      );
    } catch (error) {
      // Hidden for as long as a receive hides them.
      telemetry.log('warn', 'messages_not_shelved', { messages: group.length, error: String(error) });
      continue;
    }
    for (const { receipt, sentAtMs } of group)
      shelf.put(tenant, { receipt, sentAtMs, untilMs: nowMs + 1000 * seconds });
  }
};
