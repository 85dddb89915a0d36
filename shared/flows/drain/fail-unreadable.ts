import { generationOf } from '../../contract/request-item.ts';
import { isTerminal } from '../../contract/statuses.ts';
import { heldWithoutText } from '../../core/hold-request.ts';
import type { Receipt } from '../../ports/queues.ts';
import { createStaged } from './held-requests.ts';
import { repeatNotification } from './repeat-notification.ts';
import type { Session } from './session.ts';

/** An accepted request whose text is gone from the bucket can not be run: it ends all the same, and says so. */
export const failUnreadable = async (
  session: Session,
  { requestId, generation }: { readonly requestId: string; readonly generation: number },
  receipt: Receipt,
): Promise<void> => {
  const { deps, held, settler } = session;
  const item = await deps.requests.read(requestId);
  // One that was reopened since has another text, and a message of its own.
  if (item === undefined || generationOf(item) !== generation) return deps.queues.remove([receipt]);
  if (isTerminal(item.status)) {
    if (await repeatNotification(item, {}, deps)) await deps.queues.remove([receipt]);
    return;
  }
  if (held.has(requestId)) return;
  const staged = createStaged(
    { held: heldWithoutText(item), receipt, sizeBytes: 0, band: 'express' },
    deps.clock.monotonicMs(),
  );
  staged.phase = 'settling';
  staged.attemptLog = item.attemptLog;
  held.set(requestId, staged);
  settler.add({
    staged,
    ended: {
      ending: { status: 'failed', code: 'unreadable_request' },
      attempts: item.attempts,
      finishedAtMs: deps.clock.nowMs(),
    },
  });
};
