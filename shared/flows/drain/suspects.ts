import { traceOf } from '../../core/trace.ts';
import type { Staged } from './held-requests.ts';
import type { Session } from './session.ts';
import { unclaim } from './unclaim.ts';

/**
 * A drain runs requests under suspicion only when it has lived so long, or for half of a turn that is shorter: whatever
 * kills drains at random would else be blamed on them, one after the other.
 */
const CALM_MS = 60_000;
const calmMs = (minutesToProcess: number): number => Math.min(CALM_MS, minutesToProcess * 30_000);
/** Requests under suspicion that wait in hand; others come back later. */
const MOST_HELD = 100;

/** The next that is still in hand has its turn, when this drain has lived long enough. */
const takeTurn = async (session: Session): Promise<void> => {
  const { clock, settings } = session.deps;
  const isHeld = (staged: Staged): boolean => session.held.get(staged.id) === staged;
  do session.suspect = session.suspects.shift();
  while (session.suspect !== undefined && !isHeld(session.suspect));
  const { suspect } = session;
  if (suspect === undefined) return;
  await clock.sleep(session.startedAtMs + calmMs(settings.minutes_to_process) - clock.monotonicMs());
  // Put back, or stopped, meanwhile.
  if (!isHeld(suspect) || suspect.phase !== 'backing_off') return;
  suspect.phase = 'waiting';
  session.scheduler.putBack(suspect, clock.nowMs());
  session.bell.ring();
};

/** Waits in hand for its turn: one at a time runs under suspicion, beside normal work. False when too many wait. */
export const holdSuspect = (session: Session, staged: Staged): boolean => {
  if (session.suspects.length >= MOST_HELD) return false;
  staged.phase = 'backing_off';
  session.suspects.push(staged);
  if (session.suspect === undefined) void takeTurn(session);
  return true;
};

/** No call of it is alive: what happens now is not its fault. */
const clear = async ({ deps, poolName, keeper }: Session, staged: Staged): Promise<void> => {
  try {
    await deps.board.suspect(poolName, keeper.epoch, undefined);
  } catch (error) {
    // At worst a crash of others is not counted.
    deps.telemetry.log('warn', 'suspect_not_cleared', { ...traceOf(staged.held), error: String(error) });
  }
};

/** It is out of hand: once that is told, the next has its turn. */
export const endTurn = async (session: Session, staged: Staged): Promise<void> => {
  if (session.suspect !== staged) return;
  await clear(session, staged);
  await takeTurn(session);
};

/**
 * Between two attempts of the one that has its turn: the store says `queued`, so that whatever ends this drain
 * meanwhile condemns no innocent.
 */
export const acquit = async (session: Session, staged: Staged): Promise<void> => {
  await unclaim(session, staged);
  await clear(session, staged);
};
