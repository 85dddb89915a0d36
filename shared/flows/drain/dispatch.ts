import type { Priority } from '../../contract/priorities.ts';
import { fitsBeforeEnd } from '../../core/attempt-window.ts';
import type { Permission, PlannedCall } from '../../core/governor/governor.ts';
import { drop } from './drop.ts';
import type { Staged } from './held-requests.ts';
import { showAgain } from './put-back.ts';
import { endWithoutCall, runRequest } from './run-request.ts';
import { type Session, toPlannedCall } from './session.ts';
import { track } from './track.ts';
import { unclaim } from './unclaim.ts';

/** So many are kept in hand for the successor, who gets them the moment it takes over. */
const MOST_LEFT = 100;
/** Others are looked at again when the minute's tick has brought one. */
const LEAVE_SECONDS = 60;
/** One that only some targets can answer, none of them for longer than this. */
const IN_THE_WAY_MS = 1_000;
const MOST_HIDDEN_SECONDS = 300;
/** Longest nap: a lease that ends and a stop are noticed by then. */
const NAP_MS = 250;

/** Those that waited beyond their deadline: without a call, but not without a look at what the store knows. */
const endExpired = (session: Session, nowMs: number): void => {
  for (const staged of session.scheduler.takeExpired(nowMs))
    track(session, staged, () => endWithoutCall(session, staged));
};

const countLeft = (session: Session): number =>
  [...session.held.values()].filter(({ phase }) => phase === 'left').length;

/** Back to its lane, hidden for so long. */
const setAside = async (session: Session, staged: Staged, seconds: number): Promise<void> => {
  session.scheduler.remove(staged);
  drop(session, staged);
  await unclaim(session, staged);
  await showAgain(session, staged.receipts, seconds);
};

/** For the successor: this drain would end before the answer. */
const leave = async (session: Session, staged: Staged): Promise<void> => {
  session.wantsSuccessor = true;
  if (countLeft(session) >= MOST_LEFT) return setAside(session, staged, LEAVE_SECONDS);
  session.scheduler.remove(staged);
  staged.phase = 'left';
  session.scheduler.settled(staged, 0);
  return unclaim(session, staged);
};

type Waiting = Extract<Permission, { readonly go: false }>;

/** Others of its class can be called meanwhile, and must not stand behind it. */
const isInTheWay = ({ limit, waitMs }: Waiting): boolean => limit === 'target' && waitMs > IN_THE_WAY_MS;

const hiddenSeconds = ({ waitMs }: Waiting): number =>
  Math.min(MOST_HIDDEN_SECONDS, Math.ceil(waitMs / 1000));

const fits = (session: Session, { held }: Staged, remainingMs: number): boolean => {
  const tokensPerSecond = Math.min(...session.targets.map((target) => target.tokensPerSecond));
  return fitsBeforeEnd({ maxTokens: held.max_tokens, tokensPerSecond }, remainingMs);
};

const planned = (staged: Staged, as: Priority): PlannedCall => ({ ...toPlannedCall(staged), priority: as });

const step = async (session: Session): Promise<void> => {
  const { clock } = session.deps;
  // Answers that can not be written down now wait in memory: no more of them until they are.
  if (!session.keeper.mayClaim() || session.settler.isFull()) return session.bell.wait(NAP_MS);
  const nowMs = clock.nowMs();
  endExpired(session, nowMs);
  const picked = session.scheduler.pick(nowMs, (staged, as) =>
    session.governor.mayGo(planned(staged, as), nowMs),
  );
  if (picked === undefined) return session.bell.wait(NAP_MS);
  const { request: staged, as, permission } = picked;
  if (!fits(session, staged, session.functionEndsAtMs - nowMs)) return leave(session, staged);
  if (!permission.go) {
    if (isInTheWay(permission)) return setAside(session, staged, hiddenSeconds(permission));
    return session.bell.wait(Math.min(NAP_MS, permission.waitMs));
  }
  const sent = session.governor.sent(planned(staged, as), nowMs);
  track(session, staged, () => runRequest(session, staged, sent));
};

/** Sends whatever is next as soon as the governor lets it go, until told to stop. */
export const dispatch = async (session: Session, stopped: () => boolean): Promise<void> => {
  while (!stopped()) await step(session);
};
