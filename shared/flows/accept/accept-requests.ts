import { chooseQueue } from '../../core/choose-queue.ts';
import type { LogFields, Telemetry } from '../../ports/telemetry.ts';
import type { AcceptDeps } from './accept-deps.ts';
import { createDoubtCounts, type DoubtCounts } from './doubt-counts.ts';
import { type Candidate, type Examined, examine } from './examine.ts';
import { giveBack, type Reserved, reservePlaces } from './reserve-places.ts';
import { sendToLanes, type Waiting } from './send-to-lanes.ts';
import { type Stored, store } from './store.ts';
import { type Acceptance, type Submission, UNAVAILABLE } from './submission.ts';
import { wakePools } from './wake-pools.ts';

interface Kept extends Stored {
  readonly reserved: Reserved;
  readonly waiting?: Waiting;
}

/** What is known of a request that has no id yet. */
const originOf = ({ door, correlationId, messageId }: Submission): LogFields => ({
  door,
  correlation_id: correlationId ?? messageId,
  message_id: messageId,
});

const logRefusals = (
  submissions: readonly Submission[],
  acceptances: readonly Acceptance[],
  telemetry: Telemetry,
): void => {
  for (const [index, submission] of submissions.entries()) {
    const acceptance = acceptances[index];
    if (acceptance?.kind === 'refused')
      telemetry.log('info', 'request_refused', {
        ...originOf(submission),
        request_id: acceptance.problem.request_id,
        code: acceptance.problem.code,
      });
  }
};

const examineSafely = async (
  submission: Submission,
  deps: AcceptDeps,
): Promise<Examined | { readonly kind: 'unavailable' }> => {
  try {
    return await examine(submission, deps);
  } catch (error) {
    deps.telemetry.log('error', 'request_not_examined', { ...originOf(submission), error: String(error) });
    return { kind: 'unavailable' };
  }
};

const keep = async (reserved: Reserved, deps: AcceptDeps): Promise<Kept> => {
  const stored = await store(reserved, deps);
  const { toSend } = stored;
  if (toSend === undefined) return { ...stored, reserved };
  const destination = chooseQueue(toSend.held, reserved.place, deps.clock.nowMs());
  return { ...stored, reserved, waiting: { held: toSend.held, destination } };
};

const isOneTooMany = ({ acceptance }: Kept): boolean =>
  acceptance.kind === 'refused' && acceptance.problem.code === 'too_many_waiting';

interface Round {
  readonly acceptances: ReadonlyMap<Candidate, Acceptance>;
  /** Those that found no room. */
  readonly tooMany: readonly Candidate[];
  /** Whether places were given back that were not theirs. */
  readonly isMoreFree: boolean;
}

/** Places, state items, lane messages, and a wake, in this order. */
const acceptRound = async (candidates: readonly Candidate[], deps: AcceptDeps): Promise<Round> => {
  const reserved = [...(await reservePlaces(candidates, deps)).values()];
  const kept = await Promise.all(reserved.map((one) => keep(one, deps)));
  const waiting = kept.flatMap((one) => (one.waiting === undefined ? [] : [one.waiting]));
  const sent = await sendToLanes(waiting, deps);
  const isWaiting = ({ isNew, waiting: own }: Kept): boolean => isNew && own !== undefined && sent.has(own);
  await giveBack(
    kept.filter((one) => !isWaiting(one)).map(({ reserved: place }) => place),
    deps,
  );
  // Nobody could receive what is delayed: the minute's tick comes for it.
  const runnable = waiting.filter(({ destination }) => destination.delaySeconds === undefined);
  await wakePools([...new Set(runnable.map(({ held }) => held.pool))], deps);
  return {
    acceptances: new Map(
      kept.map((one) => [
        one.reserved.candidate,
        one.waiting === undefined || sent.has(one.waiting) ? one.acceptance : UNAVAILABLE,
      ]),
    ),
    tooMany: kept.filter(isOneTooMany).map(({ reserved: { candidate } }) => candidate),
    isMoreFree: kept.some((one) => !isWaiting(one) && !isOneTooMany(one)),
  };
};

/**
 * Makes candidates durable. A replay takes a place until it is known for one: those that found no room beside others
 * look for it once more, when the places of replays have been given back.
 */
const acceptCandidates = async (
  candidates: readonly Candidate[],
  { doubtCounts, ...deps }: AcceptDeps & { readonly doubtCounts: DoubtCounts },
): Promise<ReadonlyMap<Candidate, Acceptance>> => {
  const first = await acceptRound(candidates, deps);
  if (first.tooMany.length === 0 || !first.isMoreFree) {
    await doubtCounts(first.tooMany);
    return first.acceptances;
  }
  const second = await acceptRound(first.tooMany, deps);
  await doubtCounts(second.tooMany);
  return new Map([...first.acceptances, ...second.acceptances]);
};

const count = (acceptances: readonly Acceptance[], door: string, telemetry: Telemetry): void => {
  const accepted = acceptances.filter(({ kind }) => kind === 'accepted').length;
  const refusals = acceptances.filter(({ kind }) => kind === 'refused').length;
  if (accepted > 0) telemetry.measure('RequestsAccepted', accepted, { door });
  if (refusals > 0) telemetry.measure('RequestsRefused', refusals, { door });
};

/**
 * Makes requests durable. One is accepted only when both its state item and its lane message are written;
 * a crash between the two is healed by whoever sends it again.
 */
export const createAcceptRequests = (deps: AcceptDeps) => {
  const doubtCounts = createDoubtCounts(deps);
  return async (submissions: readonly Submission[]): Promise<readonly Acceptance[]> => {
    const examined = await Promise.all(submissions.map((submission) => examineSafely(submission, deps)));
    const accepted = await acceptCandidates(
      examined.filter((one) => one.kind === 'candidate'),
      { ...deps, doubtCounts },
    );
    const acceptances = examined.map((one): Acceptance => {
      if (one.kind === 'candidate') return accepted.get(one) ?? UNAVAILABLE;
      return one.kind === 'refused' ? one : UNAVAILABLE;
    });
    logRefusals(submissions, acceptances, deps.telemetry);
    const door = submissions[0]?.door;
    if (door !== undefined) count(acceptances, door, deps.telemetry);
    return acceptances;
  };
};
