import type { Damage } from '../../contract/damages.ts';
import type { RequestItem } from '../../contract/request-item.ts';

/** How long something must have been wrong before it is touched: whoever mends it otherwise is done by then. */
export const GRACE_MS = 3_600_000;

export interface Repair {
  readonly damage: Extract<Damage, 'queued_too_long' | 'running_without_attempt'>;
  /** Its attempt is over: it waits again. */
  readonly putBack: boolean;
  /** Its time is over, too. */
  readonly expire: boolean;
}

/**
 * What is wrong with a request, if anything is.
 *
 *   queued, deadline long past                      it ends as expired, which its readers were told since then
 *   running, attempt long over, deadline ahead      it waits again, for its lane message
 *   running, attempt long over, deadline long past  both
 *   anything else                                   a drain has it, or will have it
 *
 * That its lane message may still come does not matter: whoever meets it finds the request as it is here, and no claim
 * is granted past the deadline.
 */
export const judgeRequest = (item: RequestItem, nowMs: number): Repair | undefined => {
  const expire = item.expiresAtMs + GRACE_MS <= nowMs;
  if (item.status === 'queued')
    return expire ? { damage: 'queued_too_long', putBack: false, expire } : undefined;
  if (item.status !== 'running') return undefined;
  const isOver = (item.attemptUntilMs ?? 0) + GRACE_MS <= nowMs;
  return isOver ? { damage: 'running_without_attempt', putBack: true, expire } : undefined;
};
