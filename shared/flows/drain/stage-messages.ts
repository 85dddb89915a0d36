import type { Control } from '../../contract/controls.ts';
import { parkedQueue } from '../../contract/names.ts';
import { generationOf } from '../../contract/request-item.ts';
import { toLaneBody } from '../../core/lane-message.ts';
import type { Receipt, ReceivedMessage } from '../../ports/queues.ts';
import { endMemberOfCanceled } from './cancel-members.ts';
import { failUnreadable } from './fail-unreadable.ts';
import { createStaged, type Found } from './held-requests.ts';
import { showAgain } from './put-back.ts';
import { readMessage, setAside } from './read-message.ts';
import { reopenMoved } from './reopen-moved.ts';
import { takeInTurn } from './repeats.ts';
import type { Session } from './session.ts';
import { shelve, withoutPlaces } from './shelve.ts';
import type { Source } from './staging-room.ts';
import { pauseOfHeld } from './steer.ts';

const EARLY_SECONDS = 2;

/** Takes a request in hand. A second delivery of what is in hand only adds its receipt. */
const stage = (session: Session, found: Found): void => {
  const known = session.held.get(found.held.request_id);
  if (known !== undefined) {
    known.receipts.push(found.receipt);
    return;
  }
  const { clock } = session.deps;
  const staged = createStaged(found, clock.monotonicMs());
  session.held.set(staged.id, staged);
  takeInTurn(session, staged);
  session.shelves.get(found.receipt.queue)?.turn(staged.held.tenant, clock.monotonicMs());
};

/** May not run yet: it waits apart, so that it stands in nobody's way. */
const park = async (session: Session, { held, receipt }: Found): Promise<void> => {
  const { queues } = session.deps;
  const message = { body: toLaneBody(held), groupId: held.tenant };
  const failed = await queues.send(parkedQueue(session.poolName), [message]);
  if (failed.size === 0) await queues.remove([receipt]);
};

export const isDue = (session: Session, { held }: Found): boolean =>
  (held.not_before_ms ?? 0) <= session.deps.clock.nowMs();

/** What keeps it back, if it is not to be ended for its deadline anyhow. */
export const pauseOfFound = (session: Session, { held }: Found): Control | undefined =>
  held.expires_at_ms > session.deps.clock.nowMs() ? pauseOfHeld(session, held) : undefined;

/** Stages what there is room for; false when there was none for it. */
export const stageFound = (session: Session, found: Found, source: Source): boolean => {
  if (!session.held.has(found.held.request_id) && session.room.free(source) === 0) return false;
  stage(session, found);
  return true;
};

/**
 * In hand is the same request of before it was reopened, or of after: no receipt of one is one of the other. What comes
 * early comes again, once the end before it is written down.
 */
export const isOtherGeneration = async (
  { held: inHand, deps }: Session,
  { held, receipt }: Found,
): Promise<boolean> => {
  const known = inHand.get(held.request_id);
  if (known === undefined || generationOf(known.held) === generationOf(held)) return false;
  const isOld = generationOf(held) < generationOf(known.held);
  await (isOld ? deps.queues.remove([receipt]) : deps.queues.setVisibility([receipt], EARLY_SECONDS));
  return true;
};

/** One message of a lane; answers with its receipt when there is no room for it. */
const stageMessage = async (
  session: Session,
  lane: Source & { readonly queue: string },
  message: ReceivedMessage,
): Promise<readonly Receipt[]> => {
  const receipt = { queue: lane.queue, receipt: message.receipt };
  const read = await readMessage(session, message);
  if (read.kind === 'foreign') await setAside(session, lane.queue, message);
  else if (read.kind === 'lost') await failUnreadable(session, read, receipt);
  else if (read.kind === 'moved') await reopenMoved(session, receipt, { message, letter: read.letter });
  else {
    const found = { held: read.held, sizeBytes: read.sizeBytes, receipt, band: lane.band };
    if (await isOtherGeneration(session, found)) return [];
    if (await endMemberOfCanceled(session, found)) return [];
    const pause = pauseOfFound(session, found);
    if (!isDue(session, found) || pause?.kind === 'tenant') await park(session, found);
    // Of a lane that nobody looks into while it is paused: there it is found the moment it is resumed.
    else if (pause !== undefined) return [receipt];
    else if (!stageFound(session, found, lane)) return [receipt];
  }
  return [];
};

/**
 * Takes the messages of a lane in hand, one after the other, since each may be large; what there is no room for goes
 * back at once. One that fails comes again by itself.
 */
const stageMessages = async (
  session: Session,
  lane: Source & { readonly queue: string },
  messages: readonly ReceivedMessage[],
): Promise<void> => {
  const left: Receipt[] = [];
  for (const message of messages) {
    try {
      left.push(...(await stageMessage(session, lane, message)));
    } catch (error) {
      session.deps.telemetry.log('error', 'message_not_staged', {
        queue: lane.queue,
        message_id: message.id,
        error: String(error),
      });
    }
  }
  await showAgain(session, left, 0);
};

/** The same for what was received from a lane, of which some tenants may have enough in hand. */
export const stageReceived = async (
  session: Session,
  lane: Source & { readonly queue: string },
  messages: readonly ReceivedMessage[],
): Promise<void> => {
  const laneShelf = session.shelves.get(lane.queue);
  if (laneShelf === undefined) return stageMessages(session, lane, messages);
  const shelved = withoutPlaces(session, laneShelf, messages);
  await stageMessages(
    session,
    lane,
    messages.filter((message) => !shelved.includes(message)),
  );
  await shelve(session, laneShelf, shelved);
};
