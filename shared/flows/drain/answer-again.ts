import type { Repeated } from '../../core/repeats.ts';
import type { Answer } from '../../core/to-result.ts';
import { claimToEnd } from './claim-request.ts';
import { endRequest } from './end-request.ts';
import type { Staged } from './held-requests.ts';
import type { Session } from './session.ts';
import { track } from './track.ts';

export interface KnownToBe {
  readonly answer: Answer;
  readonly repeated: Repeated;
}

/** Ends it with an answer that is there already: out of turn, since it takes none of the quota. */
export const answerAgain = (session: Session, staged: Staged, known: KnownToBe): void =>
  track(session, staged, async () => {
    if (!(await claimToEnd(session, staged))) return;
    session.scheduler.settled(staged, 0);
    endRequest(session, staged, { status: 'succeeded', ...known });
  });
