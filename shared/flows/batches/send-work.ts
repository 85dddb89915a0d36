import type { BatchWork } from '../../contract/messages.ts';
import { QUEUES } from '../../contract/names.ts';
import type { Queues } from '../../ports/queues.ts';

const DAY_SECONDS = 86_400;

/** A batch that nobody begins with goes by itself: its message lives for a week at most. */
export const UNBEGUN_SECONDS = 8 * DAY_SECONDS;

/** Hands a batch to the splitter. Whether it was taken. */
export const sendWork = async (batchId: string, deps: { readonly queues: Queues }): Promise<boolean> => {
  const work: BatchWork = { batch_id: batchId };
  return (await deps.queues.send(QUEUES.batches, [{ body: JSON.stringify(work) }])).size === 0;
};
