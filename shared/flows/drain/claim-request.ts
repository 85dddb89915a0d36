import type { RequestItem } from '../../contract/request-item.ts';
import type { ClaimOutcome } from '../../ports/request-store.ts';
import type { Staged } from './held-requests.ts';
import { notClaimed } from './not-claimed.ts';
import type { Session } from './session.ts';

interface Going {
  readonly untilMs: number;
  /** Where the pool has several. */
  readonly target?: string;
}

export const claim = async (
  session: Session,
  staged: Staged,
  { untilMs, target }: Going,
): Promise<ClaimOutcome> => {
  const { deps, keeper, poolName } = session;
  const { liveEpochs, fallenEpochs, suspects } = keeper.lease();
  const asSuspect = session.suspect === staged;
  // Told before it is claimed: should this process end while it runs, nothing else is blamed for that.
  if (asSuspect) await deps.board.suspect(poolName, keeper.epoch, staged.id);
  return deps.requests.claim(staged.id, {
    generation: staged.held.generation,
    epoch: keeper.epoch,
    nowMs: deps.clock.nowMs(),
    attemptUntilMs: untilMs,
    liveEpochs,
    fallenEpochs,
    suspects,
    asSuspect,
    ownOutcome: staged.ownOutcome,
    ...(target === undefined ? {} : { target }),
  });
};

/** An attempt of ours has begun, as far as the store knows. */
export const journalled = (staged: Staged, item: RequestItem): void => {
  staged.claimed = true;
  staged.ownOutcome = undefined;
  staged.claims = item.claims;
  staged.attempts = item.attempts;
  staged.serviceFaults = item.serviceFaults;
  staged.attemptLog = item.attemptLog;
};

/** Claims it for an end that needs no call; false when it is another's, or has its end already. */
export const claimToEnd = async (session: Session, staged: Staged): Promise<boolean> => {
  const outcome = await claim(session, staged, { untilMs: session.deps.clock.nowMs() });
  if (outcome.kind !== 'claimed') {
    await notClaimed(session, staged, outcome);
    return false;
  }
  journalled(staged, outcome.item);
  staged.attempts -= 1;
  staged.attemptLog = staged.attemptLog.slice(0, -1);
  return true;
};
