import type { HeldRequest } from '../../contract/messages.ts';
import { deadLetterQueue, type Lane, laneQueue } from '../../contract/names.ts';
import type { Priority } from '../../contract/priorities.ts';
import { decodeLaneMessage, type LaneMessage } from '../../core/lane-message.ts';
import { freePlaces } from '../../core/staging-places.ts';
import type { ReceivedMessage } from '../../ports/queues.ts';
import { RECEIVE_WAIT_SECONDS } from './drain-timing.ts';
import { failUnreadable } from './fail-unreadable.ts';
import { createStaged } from './held-requests.ts';
import type { Session } from './session.ts';

/** How long a lane without a free place waits before it looks again. */
const NO_PLACE_MS = 25;
const MOST_PER_RECEIVE = 10;

type Read =
  | { readonly kind: 'held'; readonly held: HeldRequest }
  /** Accepted, but its text is gone. */
  | { readonly kind: 'lost'; readonly requestId: string }
  | { readonly kind: 'foreign' };

const toRead = (decoded: LaneMessage, pool: string): Read =>
  decoded.kind === 'whole' && decoded.held.pool === pool
    ? { kind: 'held', held: decoded.held }
    : { kind: 'foreign' };

const read = async ({ deps, poolName }: Session, message: ReceivedMessage): Promise<Read> => {
  const decoded = decodeLaneMessage(message.body);
  if (decoded.kind !== 'parked') return toRead(decoded, poolName);
  const { requestId, key } = decoded;
  const bytes = await deps.objects.get(key);
  const text = bytes === undefined ? '' : Buffer.from(bytes).toString('utf8');
  const parked = toRead(decodeLaneMessage(text), poolName);
  return parked.kind === 'held' && parked.held.request_id === requestId
    ? parked
    : { kind: 'lost', requestId };
};

/** Nothing that the doors put there: kept for whoever looks into it. */
const setAside = async (session: Session, queue: string, message: ReceivedMessage): Promise<void> => {
  const { deps, poolName } = session;
  deps.telemetry.log('error', 'lane_message_unreadable', { pool: poolName, queue, message_id: message.id });
  const failed = await deps.queues.send(deadLetterQueue(poolName), [{ body: message.body }]);
  if (failed.size === 0) await deps.queues.remove([{ queue, receipt: message.receipt }]);
};

/** Takes a lane message in hand. A second delivery of what is in hand only adds its receipt. */
export const stageMessage = async (
  session: Session,
  queue: string,
  message: ReceivedMessage,
): Promise<void> => {
  const found = await read(session, message);
  const receipt = { queue, receipt: message.receipt };
  if (found.kind === 'foreign') return setAside(session, queue, message);
  if (found.kind === 'lost') return failUnreadable(session, found.requestId, receipt);
  const { held } = found;
  const known = session.held.get(held.request_id);
  if (known !== undefined) {
    known.receipts.push(receipt);
    return;
  }
  const { clock } = session.deps;
  const staged = createStaged(held, receipt, clock.monotonicMs());
  session.held.set(staged.id, staged);
  session.scheduler.add(staged, clock.nowMs());
  session.bell.ring();
};

export interface LaneWatch {
  readonly lane: Lane;
  /** Receives in a row that brought nothing. */
  emptyReceives: number;
}

const placesOf = (session: Session, priority: Priority): number =>
  freePlaces(priority, session.scheduler.staged(), session.deps.settings.queue_depth_threshold);

const receiveOnce = async (session: Session, watch: LaneWatch, places: number): Promise<void> => {
  const queue = laneQueue(watch.lane);
  const max = Math.min(MOST_PER_RECEIVE, places);
  const messages = await session.deps.queues.receive(queue, { max, waitSeconds: RECEIVE_WAIT_SECONDS });
  watch.emptyReceives = messages.length === 0 ? watch.emptyReceives + 1 : 0;
  await Promise.all(messages.map((message) => stageMessage(session, queue, message)));
};

/** Receives from one lane while it has places, until told to stop. A receive under way is never aborted. */
export const watchLane = async (
  session: Session,
  watch: LaneWatch,
  stopped: () => boolean,
): Promise<void> => {
  const { deps } = session;
  while (!stopped()) {
    const places = placesOf(session, watch.lane.priority);
    if (places === 0) {
      await deps.clock.sleep(NO_PLACE_MS);
      continue;
    }
    try {
      await receiveOnce(session, watch, places);
    } catch (error) {
      deps.telemetry.log('error', 'lane_not_read', { queue: laneQueue(watch.lane), error: String(error) });
      await deps.clock.sleep(1000);
    }
  }
};
