import { parkedInputKey } from '../../contract/keys.ts';
import type { HeldRequest } from '../../contract/messages.ts';
import { createProblem, type Problem } from '../../contract/problem.ts';
import type { RedriveChanges } from '../../contract/redrive.ts';
import type { RequestItem } from '../../contract/request-item.ts';
import type { Settings } from '../../contract/settings.ts';
import { changeDead } from '../../core/dead-letter-changes.ts';
import { decodeLaneMessage } from '../../core/lane-message.ts';
import type { BatchStore } from '../../ports/batch-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Objects } from '../../ports/objects.ts';

export interface PrepareDeps {
  readonly settings: Settings;
  readonly objects: Objects;
  readonly batches: BatchStore;
  readonly clock: Clock;
}

export type Prepared =
  | { readonly kind: 'ready'; readonly item: RequestItem; readonly held: HeldRequest }
  | { readonly kind: 'fault'; readonly problem: Problem };

const notReopenable = ({ requestId }: RequestItem, detail: string): Prepared => ({
  kind: 'fault',
  problem: createProblem('not_reopenable', { requestId, detail }),
});

const readText = async (item: RequestItem, { objects }: PrepareDeps): Promise<HeldRequest | undefined> => {
  const bytes = await objects.get(parkedInputKey(item.pool, item.requestId, item.textId));
  const decoded = bytes === undefined ? undefined : decodeLaneMessage(Buffer.from(bytes).toString('utf8'));
  return decoded?.kind === 'whole' && decoded.held.request_id === item.requestId ? decoded.held : undefined;
};

const isOfCanceledBatch = async ({ batch }: RequestItem, { batches }: PrepareDeps): Promise<boolean> =>
  batch !== undefined && (await batches.read(batch.id))?.cancelInitiatedAtMs !== undefined;

/** What a dead request would be from now on, or why it stays dead. Nothing is written. */
export const prepareRedrive = async (
  item: RequestItem,
  set: RedriveChanges,
  deps: PrepareDeps,
): Promise<Prepared> => {
  if (await isOfCanceledBatch(item, deps))
    return notReopenable(item, `Its batch ${item.batch?.id} was canceled.`);
  const held = await readText(item, deps);
  if (held === undefined)
    return notReopenable(
      item,
      'Its text is not kept: it is being written down, or it died before texts were kept; then a move of its message to a lane reopens it.',
    );
  const changed = changeDead({ held, item, set }, { settings: deps.settings, nowMs: deps.clock.nowMs() });
  if (changed.ok) return { kind: 'ready', item, held: changed.held };
  const problem = createProblem('invalid_request', {
    requestId: item.requestId,
    detail: 'Sent so, it would be refused; it stays dead.',
    errors: changed.faults,
  });
  return { kind: 'fault', problem };
};
