import type { Control } from '../../contract/controls.ts';
import { parkedQueue } from '../../contract/names.ts';
import { chooseQueue } from '../../core/choose-queue.ts';
import { lookAgainSeconds } from '../../core/controls/in-force.ts';
import { toLaneBody } from '../../core/lane-message.ts';
import type { Receipt, ReceivedMessage } from '../../ports/queues.ts';
import { endMemberOfCanceled } from './cancel-members.ts';
import { RECEIVE_WAIT_SECONDS } from './drain-timing.ts';
import { failUnreadable } from './fail-unreadable.ts';
import type { Found } from './held-requests.ts';
import { showAgain } from './put-back.ts';
import { readMessage, setAside } from './read-message.ts';
import { reopenMoved } from './reopen-moved.ts';
import type { Session } from './session.ts';
import { isDue, isOtherGeneration, pauseOfFound, stageFound } from './stage-messages.ts';
import { pauseWhileBusy, type Watch } from './watch-lanes.ts';

/** What may not run yet is looked at again after this long at most: the reason may have ended. */
const LOOK_AGAIN_SECONDS = 15 * 60;
/** Due, but there is no place for it now. */
const NO_PLACE_SECONDS = 5;
/** How often an empty parked queue is looked at while there is other work. */
const PAUSE_MS = 10_000;
const COUNT_EVERY_MS = 10_000;
/** It is worth staying for what is due so soon. */
const WORTH_WAITING_MS = 5_000;

export interface ParkedWatch extends Watch {
  /** When the next of those seen is due. */
  nextDueMs: number;
  /** As counted last. */
  parked: number | undefined;
  /** By the monotonic clock. */
  countAgainAtMs: number;
}

export const createParkedWatch = (pool: string): ParkedWatch => ({
  queue: parkedQueue(pool),
  emptyReceives: 0,
  nextDueMs: Number.POSITIVE_INFINITY,
  parked: undefined,
  countAgainAtMs: Number.NEGATIVE_INFINITY,
});

/** Whether a drain that has nothing else to do should stay. */
export const isWorthWaitingFor = ({ nextDueMs }: ParkedWatch, nowMs: number): boolean =>
  nextDueMs - nowMs <= WORTH_WAITING_MS;

/** About how much is parked, hidden or not; nothing while that cannot be told. */
const countParked = async ({ deps, poolName }: Session, watch: ParkedWatch): Promise<number | undefined> => {
  const { clock, queues, telemetry } = deps;
  if (clock.monotonicMs() < watch.countAgainAtMs) return watch.parked;
  watch.countAgainAtMs = clock.monotonicMs() + COUNT_EVERY_MS;
  try {
    watch.parked = await queues.depth(watch.queue, 'all');
  } catch (error) {
    telemetry.log('warn', 'queues_not_counted', { pool: poolName, error: String(error) });
  }
  return watch.parked;
};

/** To a lane of a priority that is paused, where it costs nothing, and is found the moment that is resumed. */
const sendToLane = async (session: Session, { held, receipt }: Found): Promise<void> => {
  const { queues, clock } = session.deps;
  const { queue } = chooseQueue(held, Number.POSITIVE_INFINITY, clock.nowMs());
  const failed = await queues.send(queue, [{ body: toLaneBody(held), groupId: held.tenant }]);
  if (failed.size === 0) await queues.remove([receipt]);
};

/** It is due, and kept back: answers with how long to leave it. */
const keepBack = async (
  session: Session,
  watch: ParkedWatch,
  { found, pause }: { readonly found: Found; readonly pause: Control },
): Promise<number | undefined> => {
  if (pause.kind === 'priority') {
    await sendToLane(session, found);
    return undefined;
  }
  // The drain is about to end.
  if (pause.kind === 'pool') return 0;
  const parked = await countParked(session, watch);
  const nowMs = session.deps.clock.nowMs();
  const leftMs = found.held.expires_at_ms - nowMs;
  return Math.max(1, Math.min(lookAgainSeconds(pause, nowMs, parked), Math.ceil(leftMs / 1000)));
};

/** Stages what is due; answers with how long to leave it otherwise. */
const release = async (session: Session, watch: ParkedWatch, found: Found): Promise<number | undefined> => {
  const { held } = found;
  if (!isDue(session, found)) {
    const dueMs = held.not_before_ms ?? 0;
    watch.nextDueMs = Math.min(watch.nextDueMs, dueMs);
    const seconds = Math.ceil((dueMs - session.deps.clock.nowMs()) / 1000);
    return Math.min(LOOK_AGAIN_SECONDS, seconds);
  }
  const pause = pauseOfFound(session, found);
  if (pause !== undefined) return keepBack(session, watch, { found, pause });
  const staged = stageFound(session, found, { priority: held.priority, band: 'express' });
  return staged ? undefined : NO_PLACE_SECONDS;
};

const takeParked = async (session: Session, watch: ParkedWatch, message: ReceivedMessage) => {
  const receipt: Receipt = { queue: watch.queue, receipt: message.receipt };
  const read = await readMessage(session, message);
  if (read.kind === 'foreign') return setAside(session, watch.queue, message);
  if (read.kind === 'lost') return failUnreadable(session, read, receipt);
  if (read.kind === 'moved') return reopenMoved(session, receipt, { message, letter: read.letter });
  const { held, sizeBytes } = read;
  const found: Found = { held, sizeBytes, receipt, band: 'express' };
  if (await isOtherGeneration(session, found)) return;
  if (await endMemberOfCanceled(session, found)) return;
  const afterSeconds = await release(session, watch, found);
  if (afterSeconds !== undefined) await showAgain(session, [receipt], afterSeconds);
};

export const receiveParked = async (
  session: Session,
  watch: ParkedWatch,
  waitSeconds: number,
): Promise<void> => {
  // What was seen is seen again when it is due, or belongs to another by then.
  if (watch.nextDueMs <= session.deps.clock.nowMs()) watch.nextDueMs = Number.POSITIVE_INFINITY;
  const messages = await session.deps.queues.receive(watch.queue, { max: 10, waitSeconds });
  watch.emptyReceives = messages.length === 0 ? watch.emptyReceives + 1 : 0;
  for (const message of messages) await takeParked(session, watch, message);
};

/** Releases parked work when its time has come, and hides the rest until then. */
export const watchParked = async (
  session: Session,
  watch: ParkedWatch,
  stopped: () => boolean,
): Promise<void> => {
  const { clock, telemetry } = session.deps;
  while (!stopped()) {
    try {
      await receiveParked(session, watch, RECEIVE_WAIT_SECONDS);
    } catch (error) {
      telemetry.log('error', 'lane_not_read', { queue: watch.queue, error: String(error) });
      await clock.sleep(1000);
    }
    if (watch.emptyReceives === 0) continue;
    const pausedAtMs = clock.monotonicMs();
    const untilMs = (): number =>
      Math.min(pausedAtMs + PAUSE_MS, clock.monotonicMs() + watch.nextDueMs - clock.nowMs());
    await pauseWhileBusy(session, untilMs, stopped);
  }
};
