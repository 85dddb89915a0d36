import { parkedInputKey, textIdOf } from '../../contract/keys.ts';
import type { HeldRequest } from '../../contract/messages.ts';
import { generationOf, type RequestItem } from '../../contract/request-item.ts';
import type { Objects } from '../../ports/objects.ts';
import type { RequestReopener } from '../../ports/request-reopener.ts';

export interface ReopenDeps {
  readonly objects: Objects;
  readonly reopener: RequestReopener;
}

export interface Reopen {
  /** As it was read: failed. */
  readonly seen: RequestItem;
  /** What it is to be from now on: text, pool, priority and deadline. */
  readonly held: HeldRequest;
  readonly redriveId: string;
  readonly nowMs: number;
}

/**
 * Opens a request again: its text first, under a name of its own, then its state; the lane message is left to the
 * caller, and to whoever finds it missing. The item as it is then; nothing when somebody else was faster.
 */
export const reopenRequest = async (
  { seen, held, redriveId, nowMs }: Reopen,
  { objects, reopener }: ReopenDeps,
): Promise<RequestItem | undefined> => {
  const generation = generationOf(seen) + 1;
  const textId = textIdOf(generation, redriveId);
  const { not_before_ms: _, ...kept } = held;
  const reopened: HeldRequest = { ...kept, generation, reopened_at_ms: nowMs, text_id: textId };
  await objects.put(
    parkedInputKey(held.pool, held.request_id, textId),
    Buffer.from(JSON.stringify(reopened)),
    'application/json',
  );
  const { pool, priority, expires_at_ms: expiresAtMs } = held;
  return reopener.reopen({ seen, pool, priority, expiresAtMs, atMs: nowMs, textId });
};
