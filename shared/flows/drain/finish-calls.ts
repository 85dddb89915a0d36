import { HEARTBEAT_MS, REPORT_MS } from './drain-timing.ts';
import type { Session } from './session.ts';
import { stopCanceledBatches } from './stop-canceled-batches.ts';
import { takeCancels } from './take-cancels.ts';

const LOOK_MS = 100;

/** Again and again for as long as calls are in flight. */
const whileInFlight = async (session: Session, everyMs: number, act: () => Promise<void>): Promise<void> => {
  const { clock } = session.deps;
  while (session.inFlight > 0) {
    const nextMs = clock.monotonicMs() + everyMs;
    await act();
    while (session.inFlight > 0 && clock.monotonicMs() < nextMs) await clock.sleep(LOOK_MS);
  }
};

/** What a heartbeat would have brought, had this owner any left. */
const readCancels = async (session: Session): Promise<void> => {
  const { poolName, deps } = session;
  try {
    const cancels = await deps.board.readCancels(poolName);
    if (session.inFlight > 0) takeCancels(session, cancels);
  } catch (error) {
    deps.telemetry.log('warn', 'cancel_not_read', { pool: poolName, error: String(error) });
  }
  await stopCanceledBatches(session);
};

/**
 * Waits for the calls in flight, and gives up those that are canceled meanwhile: nobody else could. A successor is
 * told what they still take, until that is nothing.
 */
export const finishCalls = async (session: Session): Promise<void> => {
  const { keeper } = session;
  const tellSuccessor = async (): Promise<void> => {
    if (keeper.isLost()) await keeper.tellOthers();
  };
  await Promise.all([
    whileInFlight(session, REPORT_MS, tellSuccessor),
    whileInFlight(session, HEARTBEAT_MS, () => readCancels(session)),
  ]);
  await tellSuccessor();
};
