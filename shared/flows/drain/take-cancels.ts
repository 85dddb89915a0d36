import { isTerminal } from '../../contract/statuses.ts';
import { cancelQueued } from '../cancel-queued.ts';
import { endBetweenAttempts } from './end-request.ts';
import type { Session } from './session.ts';

/** Not claimed by this drain: it may wait, run elsewhere, or have ended. True when there is nothing left to stop. */
const stopElsewhere = async ({ deps }: Session, id: string): Promise<boolean> => {
  const item = await deps.requests.read(id);
  if (item === undefined || isTerminal(item.status)) return true;
  return (await cancelQueued(item, deps)) !== 'running';
};

const stop = async (session: Session, id: string): Promise<boolean> => {
  const staged = session.held.get(id);
  if (staged?.phase === 'settling') return false;
  const call = session.calls.get(id);
  if (call !== undefined) call.abort();
  else if (staged?.claimed === true && staged.phase !== 'running') endBetweenAttempts(session, staged);
  else if (staged?.phase !== 'running') return stopElsewhere(session, id);
  return false;
};

/**
 * Requests that were asked to stop, as the pool's item names them: calls are given up, what waits is ended. One that
 * is being claimed finds itself in the set before it is called.
 */
export const takeCancels = (session: Session, cancels: readonly string[]): void => {
  const { deps, poolName } = session;
  for (const id of session.cancels) if (!cancels.includes(id)) session.cancels.delete(id);
  for (const id of cancels) session.cancels.add(id);
  if (cancels.length === 0 || session.isCanceling) return;
  session.isCanceling = true;
  const stopAll = async (): Promise<void> => {
    const stopped = await Promise.all(cancels.map(async (id) => ((await stop(session, id)) ? [id] : [])));
    await deps.board.canceled(poolName, stopped.flat());
  };
  void stopAll()
    .catch((error: unknown) => {
      // With the next heartbeat again.
      deps.telemetry.log('warn', 'requests_not_canceled', { pool: poolName, error: String(error) });
    })
    .finally(() => {
      session.isCanceling = false;
    });
};
