import { generationOf } from '../../contract/request-item.ts';
import { closeAttempt } from '../../core/decide-claim.ts';
import { traceOf } from '../../core/trace.ts';
import { keepDeadLetters } from '../dead-letters/keep-dead-letters.ts';
import { tellEnds } from '../events/tell-ends.ts';
import { repeatNotification } from './repeat-notification.ts';
import type { SettleDeps } from './settle-deps.ts';
import type { Settling } from './settling.ts';
import { outcomeOf } from './store-results.ts';

/** Tells whoever waits for results; answers with those of which a message was not taken. */
const notify = async (won: readonly Settling[], deps: SettleDeps): Promise<ReadonlySet<Settling>> => {
  const ends = won.map(({ result, finished: { staged } }) => ({
    result,
    callbackUrl: staged.held.callback_url,
  }));
  const failed = await tellEnds(ends, deps);
  return new Set(won.filter((_, index) => failed.has(index)));
};

/** Another attempt ended first. Whether its notification was sent is unknown, and the lane message is about to go. */
const repeatWinner = async ({ finished }: Settling, deps: SettleDeps): Promise<boolean> => {
  const { id, held } = finished.staged;
  try {
    const item = await deps.requests.read(id);
    // Reopened since: its end has another teller.
    if (item === undefined || generationOf(item) !== generationOf(held)) return true;
    return await repeatNotification(item, held.metadata, deps);
  } catch (error) {
    deps.telemetry.log('warn', 'notification_not_repeated', { ...traceOf(held), error: String(error) });
    return false;
  }
};

const repeatWinners = async (lost: readonly Settling[], deps: SettleDeps): Promise<ReadonlySet<Settling>> => {
  const repeated = await Promise.all(lost.map((settling) => repeatWinner(settling, deps)));
  return new Set(lost.filter((_, index) => repeated[index] !== true));
};

const notifyAll = async (batch: readonly Settling[], deps: SettleDeps): Promise<void> => {
  const untold = batch.filter(({ isNotified }) => !isNotified);
  const failures = await Promise.all([
    notify(
      untold.filter(({ member }) => member.outcome === 'finished'),
      deps,
    ),
    repeatWinners(
      untold.filter(({ member }) => member.outcome === 'already_finished'),
      deps,
    ),
  ]);
  for (const settling of untold) settling.isNotified = !failures.some((failed) => failed.has(settling));
};

const keepDead = async (pool: string, batch: readonly Settling[], deps: SettleDeps): Promise<void> => {
  // What is kept can be reopened, and whoever does that takes its end for told.
  const unkept = batch.filter(({ isKept, isNotified }) => !isKept && isNotified);
  const won = unkept.filter(({ member }) => member.outcome === 'finished');
  const letters = won.flatMap(({ finished: { staged, ended }, result: { error, attempts } }) =>
    error === null
      ? []
      : [{ held: staged.held, error, attempts, history: closeAttempt(staged.attemptLog, outcomeOf(ended)) }],
  );
  const unsent = await keepDeadLetters(pool, letters, deps);
  const failed = new Set(won.filter((_, index) => unsent.has(index)));
  for (const settling of unkept) settling.isKept = !failed.has(settling);
};

/** Sends everything about results that somebody waits for; what a queue does not take is tried again later. */
export const tellResults = async (
  pool: string,
  batch: readonly Settling[],
  deps: SettleDeps,
): Promise<void> => {
  const known = batch.filter(({ member }) => member.outcome !== undefined);
  await notifyAll(known, deps);
  await keepDead(pool, known, deps);
};
