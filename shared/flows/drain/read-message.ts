import type { DeadLetter } from '../../contract/dead-letter.ts';
import type { HeldRequest } from '../../contract/messages.ts';
import { deadLetterQueue } from '../../contract/names.ts';
import { decodeLaneMessage, type LaneMessage } from '../../core/lane-message.ts';
import type { ReceivedMessage } from '../../ports/queues.ts';
import type { Session } from './session.ts';

export type Read =
  | { readonly kind: 'held'; readonly held: HeldRequest; readonly sizeBytes: number }
  /** Accepted, but its text is gone. */
  | { readonly kind: 'lost'; readonly requestId: string; readonly generation: number }
  /** Moved from the dead letters to where it can be run. */
  | { readonly kind: 'moved'; readonly letter: DeadLetter }
  | { readonly kind: 'foreign' };

const toRead = (decoded: LaneMessage, pool: string): Read =>
  decoded.kind === 'whole' && decoded.held.pool === pool
    ? { kind: 'held', held: decoded.held, sizeBytes: decoded.sizeBytes }
    : { kind: 'foreign' };

/** The request that a message of a lane stands for, from the bucket if it lies there. */
export const readMessage = async (
  { deps, poolName }: Pick<Session, 'deps' | 'poolName'>,
  message: Pick<ReceivedMessage, 'body'>,
): Promise<Read> => {
  const decoded = decodeLaneMessage(message.body);
  if (decoded.kind === 'dead_letter') return { kind: 'moved', letter: decoded.letter };
  if (decoded.kind !== 'parked') return toRead(decoded, poolName);
  const { requestId, generation, key } = decoded;
  const bytes = await deps.objects.get(key);
  const text = bytes === undefined ? '' : Buffer.from(bytes).toString('utf8');
  const stored = toRead(decodeLaneMessage(text), poolName);
  return stored.kind === 'held' && stored.held.request_id === requestId
    ? stored
    : { kind: 'lost', requestId, generation };
};

/** Nothing that the doors put there: kept for whoever looks into it. */
export const setAside = async (
  { deps, poolName }: Pick<Session, 'deps' | 'poolName'>,
  queue: string,
  message: ReceivedMessage,
): Promise<void> => {
  deps.telemetry.log('error', 'lane_message_unreadable', { pool: poolName, queue, message_id: message.id });
  const failed = await deps.queues.send(deadLetterQueue(poolName), [{ body: message.body }]);
  if (failed.size === 0) await deps.queues.remove([{ queue, receipt: message.receipt }]);
};
