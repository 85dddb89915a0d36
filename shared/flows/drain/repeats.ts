import { answerOf, type Repeated, withoutUsage } from '../../core/repeats.ts';
import type { Answer } from '../../core/to-result.ts';
import { traceOf } from '../../core/trace.ts';
import { parseStoredResult } from '../stored-result.ts';
import { answerAgain, type KnownToBe } from './answer-again.ts';
import type { Staged, UnderWay } from './held-requests.ts';
import type { Session } from './session.ts';

const isFollowing = (session: Session, staged: Staged): boolean =>
  session.held.get(staged.id) === staged && staged.phase === 'following';

const follow = ({ scheduler }: Session, staged: Staged, { followers }: UnderWay): void => {
  scheduler.remove(staged);
  // It takes nothing of what its tenant may use.
  scheduler.settled(staged, 0);
  staged.phase = 'following';
  followers.push(staged);
};

/** What is known to answer it, if anything is. */
const lookUp = async ({ deps }: Session, { held: { repeat } }: Staged): Promise<KnownToBe | undefined> => {
  if (repeat === undefined) return undefined;
  const known = await deps.answers.read(repeat.key);
  if (known === undefined || known.finishedAtMs + repeat.seconds * 1000 < deps.clock.nowMs())
    return undefined;
  const bytes = await deps.objects.get(known.result.key, known.result);
  return answerOf(bytes && parseStoredResult(bytes), repeat, deps.clock.nowMs());
};

/** In turn with the others, unless the same is being asked at this moment. */
const wait = (session: Session, staged: Staged): void => {
  staged.phase = 'waiting';
  session.scheduler.add(staged, session.deps.clock.nowMs());
  const underWay = staged.held.repeat && session.underWay.get(staged.held.repeat.key);
  if (underWay !== undefined) follow(session, staged, underWay);
  session.bell.ring();
};

const waitUnlessAnswered = async (session: Session, staged: Staged): Promise<void> => {
  let known: KnownToBe | undefined;
  try {
    known = await lookUp(session, staged);
  } catch (error) {
    // It is asked, as if nobody had ever asked it.
    session.deps.telemetry.log('warn', 'answer_not_read', { ...traceOf(staged.held), error: String(error) });
  }
  // It may have been put back meanwhile, or ended.
  if (!isFollowing(session, staged)) return;
  if (known === undefined) wait(session, staged);
  else answerAgain(session, staged, known);
};

/** A request that was just taken in hand waits for its turn; one that may have been answered before is looked for first. */
export const takeInTurn = (session: Session, staged: Staged): void => {
  if (staged.held.repeat === undefined) {
    wait(session, staged);
    return;
  }
  staged.phase = 'following';
  void waitUnlessAnswered(session, staged);
};

/** Its call begins: the same questions that wait beside it are not asked. */
export const beginQuestion = (session: Session, staged: Staged): void => {
  const { repeat } = staged.held;
  if (repeat === undefined || session.underWay.has(repeat.key)) return;
  const underWay: UnderWay = { leader: staged, followers: [] };
  session.underWay.set(repeat.key, underWay);
  for (const other of session.held.values())
    if (other.held.repeat?.key === repeat.key && other.phase === 'waiting') follow(session, other, underWay);
};

/** Its call is over: whoever waited for it has its answer, or asks for himself. */
export const endQuestion = (session: Session, staged: Staged, answer?: Answer): void => {
  const { repeat } = staged.held;
  const underWay = repeat && session.underWay.get(repeat.key);
  if (repeat === undefined || underWay?.leader !== staged) return;
  session.underWay.delete(repeat.key);
  const nowMs = session.deps.clock.nowMs();
  const answeredAt = new Date(nowMs).toISOString();
  const repeated: Repeated = { how: 'coalesced', request_id: staged.id, answered_at: answeredAt };
  for (const follower of underWay.followers.filter((each) => isFollowing(session, each))) {
    follower.phase = 'waiting';
    if (answer === undefined) session.scheduler.add(follower, nowMs);
    else answerAgain(session, follower, { answer: withoutUsage(answer), repeated });
  }
  session.bell.ring();
};
