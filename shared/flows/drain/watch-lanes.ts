import { type Lane, laneQueue } from '../../contract/names.ts';
import type { Receipt, ReceivedMessage } from '../../ports/queues.ts';
import { RECEIVE_WAIT_SECONDS } from './drain-timing.ts';
import { showAgain } from './put-back.ts';
import type { Session } from './session.ts';
import { isCrowded } from './shelve.ts';
import { stageReceived } from './stage-messages.ts';
import { isPriorityPaused } from './steer.ts';

/** A lane without a free place looks again at least so often. */
const NO_PLACE_MS = 100;
/** A paused one looks whether it still is so often. */
const PAUSED_MS = 500;
const MOST_PER_RECEIVE = 10;
const AFTER_ERROR_MS = 1000;

/** One queue that is looked at again and again. */
export interface Watch {
  readonly queue: string;
  /** Receives in a row that brought nothing. */
  emptyReceives: number;
}

export interface LaneWatch extends Watch {
  readonly lane: Lane;
}

export const createLaneWatch = (lane: Lane): LaneWatch => ({
  lane,
  queue: laneQueue(lane),
  emptyReceives: 0,
});

/** Waits so long while there is other work in hand; a drain that has none does not wait. */
export const pauseWhileBusy = async (
  session: Session,
  untilMs: () => number,
  stopped: () => boolean,
): Promise<void> => {
  const { clock } = session.deps;
  while (!stopped() && session.held.size > 0) {
    const leftMs = untilMs() - clock.monotonicMs();
    if (leftMs <= 0) return;
    await session.room.changed.wait(Math.min(500, leftMs));
  }
};

/**
 * Express lanes are looked at all the time, and so are those of the high class: whoever has a backlog of low work has
 * the overflow of its urgent work there. Other overflow can wait: while there is other work, a bulk lane that was empty
 * is left alone for a while, longer each time, so that idle lanes cost few receives.
 */
const BULK_PAUSE_MS = 2000;
const LONGEST_BULK_PAUSE_MS = 8000;

const mayRest = ({ band, priority }: Lane): boolean => band !== 'express' && priority !== 'high';

const pauseOf = (session: Session, { lane, queue, emptyReceives }: LaneWatch): number =>
  mayRest(lane) && !isCrowded(session, queue)
    ? Math.min(LONGEST_BULK_PAUSE_MS, BULK_PAUSE_MS * emptyReceives)
    : 0;

const receiptsOf = ({ queue }: LaneWatch, messages: readonly ReceivedMessage[]): readonly Receipt[] =>
  messages.map(({ receipt }) => ({ queue, receipt }));

/** One receive, never aborted: a real queue may already have hidden the messages from others. */
export const receiveFromLane = async (
  session: Session,
  watch: LaneWatch,
  options: { readonly places: number; readonly waitSeconds: number },
): Promise<void> => {
  const source = watch.lane;
  const wanted = Math.min(MOST_PER_RECEIVE, options.places);
  const giveUp = session.room.reserve(source, wanted);
  // What there are places for may lie behind what there are none for.
  const max = isCrowded(session, watch.queue) ? MOST_PER_RECEIVE : wanted;
  try {
    const { waitSeconds } = options;
    const messages = await session.deps.queues.receive(watch.queue, { max, waitSeconds });
    giveUp();
    watch.emptyReceives = messages.length === 0 ? watch.emptyReceives + 1 : 0;
    session.room.setBusy(source, messages.length > 0);
    // Asked for before a successor took over: it is the one who can call them, now.
    if (session.keeper.isLost()) await showAgain(session, receiptsOf(watch, messages), 0);
    else await stageReceived(session, { ...source, queue: watch.queue }, messages);
  } finally {
    giveUp();
  }
};

/** Receives from one lane while it has places, until told to stop. */
export const watchLane = async (
  session: Session,
  watch: LaneWatch,
  stopped: () => boolean,
): Promise<void> => {
  const { clock, telemetry } = session.deps;
  while (!stopped()) {
    if (isPriorityPaused(session, watch.lane.priority)) {
      // Quiet, whatever lies there.
      watch.emptyReceives = Math.max(1, watch.emptyReceives);
      await session.room.changed.wait(PAUSED_MS);
      continue;
    }
    const places = session.room.unreserved(watch.lane);
    if (places === 0) {
      await session.room.changed.wait(NO_PLACE_MS);
      continue;
    }
    try {
      await receiveFromLane(session, watch, { places, waitSeconds: RECEIVE_WAIT_SECONDS });
    } catch (error) {
      telemetry.log('error', 'lane_not_read', { queue: watch.queue, error: String(error) });
      await clock.sleep(AFTER_ERROR_MS);
    }
    const untilMs = clock.monotonicMs() + pauseOf(session, watch);
    await pauseWhileBusy(session, () => untilMs, stopped);
  }
};
