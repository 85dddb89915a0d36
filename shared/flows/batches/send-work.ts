import type { BatchWork } from '../../contract/messages.ts';
import { QUEUES } from '../../contract/names.ts';
import type { Queues } from '../../ports/queues.ts';

const DAY_SECONDS = 86_400;

/** A batch that nobody begins with goes by itself: its message lives for a week at most. */
export const UNBEGUN_SECONDS = 8 * DAY_SECONDS;

interface WorkDeps {
  readonly queues: Queues;
}

/** Hands a batch to the splitter. Whether it was taken. */
export const sendWork = async (batchId: string, { queues }: WorkDeps): Promise<boolean> => {
  const work: BatchWork = { batch_id: batchId };
  return (await queues.send(QUEUES.batches, [{ body: JSON.stringify(work) }])).size === 0;
};

/** Hands a batch to the splitter once it has waited. Whether it was taken. */
export const sendWorkLater = async (
  batchId: string,
  waitSeconds: number,
  { queues }: WorkDeps,
): Promise<boolean> => {
  const work: BatchWork = { batch_id: batchId, wait_seconds: waitSeconds };
  const message = { body: JSON.stringify(work), delaySeconds: waitSeconds };
  return (await queues.send(QUEUES.batches, [message])).size === 0;
};
