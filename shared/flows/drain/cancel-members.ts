import type { HeldRequest } from '../../contract/messages.ts';
import { generationOf, type RequestItem } from '../../contract/request-item.ts';
import { isTerminal } from '../../contract/statuses.ts';
import { traceOf } from '../../core/trace.ts';
import { drop } from './drop.ts';
import { CANCELED } from './end-request.ts';
import { createStaged, type Found, type Staged } from './held-requests.ts';
import { notClaimed } from './not-claimed.ts';
import type { Session } from './session.ts';

/** Whether it came in a batch that was canceled. What can not be known is taken for no: it is asked again. */
export const isOfCanceledBatch = async (session: Session, held: HeldRequest): Promise<boolean> => {
  if (held.batch === undefined) return false;
  try {
    return await session.isBatchCanceled(held.batch.id);
  } catch (error) {
    session.deps.telemetry.log('warn', 'cancel_not_read', { ...traceOf(held), error: String(error) });
    return false;
  }
};

/** Ended, if it waits still when that is written: one that runs is left to its owner. */
export const endQueued = ({ deps, settler }: Session, staged: Staged, item: RequestItem): void => {
  staged.phase = 'settling';
  staged.attempts = item.attempts;
  staged.attemptLog = item.attemptLog;
  const ended = { ending: CANCELED, attempts: item.attempts, finishedAtMs: deps.clock.nowMs() };
  settler.add({ staged, ended, onlyQueued: true });
};

/** It has ended by another's hand: what is left is to tell that again, and to let its message go. */
const passOver = async (session: Session, staged: Staged, item: RequestItem): Promise<void> => {
  staged.phase = 'settling';
  try {
    await notClaimed(session, staged, { kind: 'finished', item });
  } catch (error) {
    // It comes again by itself.
    drop(session, staged);
    throw error;
  }
};

/**
 * Ends a request of a canceled batch that waits, without a place or a word of the governor: a large batch would
 * otherwise hold up everybody else for as long as its quota takes. False when it is to be staged like any other.
 */
export const endMemberOfCanceled = async (session: Session, found: Found): Promise<boolean> => {
  const { deps, held, settler } = session;
  const id = found.held.request_id;
  if (held.has(id) || settler.isFull() || !(await isOfCanceledBatch(session, found.held))) return false;
  const item = await deps.requests.read(id);
  if (item === undefined || held.has(id)) return false;
  const hasEnded = isTerminal(item.status);
  if (generationOf(item) !== generationOf(found.held) || (item.status !== 'queued' && !hasEnded))
    return false;
  const staged = createStaged(found, deps.clock.monotonicMs());
  held.set(id, staged);
  if (hasEnded) await passOver(session, staged, item);
  else endQueued(session, staged, item);
  return true;
};
