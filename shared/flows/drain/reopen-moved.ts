import type { DeadLetter } from '../../contract/dead-letter.ts';
import type { HeldRequest } from '../../contract/messages.ts';
import { deadLetterQueue, parkedQueue } from '../../contract/names.ts';
import { generationOf, type RequestItem } from '../../contract/request-item.ts';
import { canReopen, newDeadlineMs } from '../../core/dead-letter.ts';
import type { Receipt, ReceivedMessage } from '../../ports/queues.ts';
import { reopenRequest } from '../dead-letters/reopen-request.ts';
import { sendReopened } from '../dead-letters/send-reopened.ts';
import { readMessage } from './read-message.ts';
import type { Session } from './session.ts';

interface Moved {
  readonly message: ReceivedMessage;
  readonly letter: DeadLetter;
}

/** What the letter holds, as its pool's own drain would read it. */
const textOf = async (
  item: RequestItem,
  letter: DeadLetter,
  { deps }: Session,
): Promise<HeldRequest | undefined> => {
  const read = await readMessage({ deps, poolName: item.pool }, { body: letter.lane_message });
  return read.kind === 'held' && read.held.request_id === item.requestId ? read.held : undefined;
};

type Opening =
  /** By this letter, or by one that came before it. */
  | { readonly kind: 'open'; readonly item: RequestItem }
  /** Of an end that was reopened before, or is none. */
  | { readonly kind: 'superseded' }
  | { readonly kind: 'unreadable' };

const opening = (item: RequestItem | undefined): Opening =>
  item === undefined ? { kind: 'superseded' } : { kind: 'open', item };

const open = async (item: RequestItem, letter: DeadLetter, session: Session): Promise<Opening> => {
  const { deps } = session;
  const generation = generationOf(item);
  // Whoever reopened it may have died before he sent its message.
  if (generation === letter.generation + 1 && item.status === 'queued') return opening(item);
  if (generation !== letter.generation || !canReopen(item)) return opening(undefined);
  const held = await textOf(item, letter, session);
  if (held === undefined) return { kind: 'unreadable' };
  const nowMs = deps.clock.nowMs();
  const reopened = await reopenRequest(
    {
      seen: item,
      held: { ...held, expires_at_ms: newDeadlineMs(item, nowMs) },
      redriveId: deps.createSegmentId(),
      nowMs,
    },
    deps,
  );
  return opening(reopened);
};

/** Back to where it came from, for whoever looks into it. */
const putBack = async ({ deps, poolName }: Session, receipt: Receipt, body: string): Promise<void> => {
  const failed = await deps.queues.send(deadLetterQueue(poolName), [{ body }]);
  if (failed.size === 0) await deps.queues.remove([receipt]);
};

/**
 * A dead letter that SQS has moved to a queue of this pool: its request is opened again, once, however many copies of
 * the letter come, and waits in its own pool. A letter of an end that was reopened before is of no more use.
 */
export const reopenMoved = async (
  session: Session,
  receipt: Receipt,
  { message, letter }: Moved,
): Promise<void> => {
  const { deps, poolName } = session;
  const trace = { request_id: letter.request_id, pool: poolName, message_id: message.id };
  const item = await deps.requests.read(letter.request_id);
  const opened: Opening = item === undefined ? { kind: 'unreadable' } : await open(item, letter, session);
  if (opened.kind === 'unreadable') {
    deps.telemetry.log('error', 'dead_letter_unreadable', trace);
    return putBack(session, receipt, message.body);
  }
  if (opened.kind === 'superseded') deps.telemetry.log('info', 'dead_letter_superseded', trace);
  else if (!(await sendReopened(opened.item, parkedQueue(opened.item.pool), deps))) return;
  else deps.telemetry.log('info', 'request_reopened', { ...trace, generation: generationOf(opened.item) });
  await deps.queues.remove([receipt]);
};
