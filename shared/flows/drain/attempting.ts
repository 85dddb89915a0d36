import type { SentCall } from '../../core/governor/governor.ts';
import type { Staged } from './held-requests.ts';
import type { Session } from './session.ts';

/** One call of one request, already journalled. */
export interface Attempting {
  readonly session: Session;
  readonly staged: Staged;
  readonly sent: SentCall;
  readonly calledAtMs: number;
}
