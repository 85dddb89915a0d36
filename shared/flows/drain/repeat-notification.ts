import type { Result } from '../../contract/request.ts';
import type { RequestItem } from '../../contract/request-item.ts';
import { calledTarget } from '../../core/targets/called-target.ts';
import { toResultWithoutText } from '../../core/to-view.ts';
import { tellEnds } from '../events/tell-ends.ts';
import { parseStoredResult, withAllAttempts } from '../stored-result.ts';
import { countAgain } from './count-batch-members.ts';
import type { SettleDeps } from './settle-deps.ts';

/** All that it takes to tell, and count, an end once more. */
export type RepeatDeps = Pick<
  SettleDeps,
  'settings' | 'region' | 'clock' | 'queues' | 'batches' | 'objects' | 'telemetry'
>;

const readStored = async (item: RequestItem, deps: RepeatDeps): Promise<Result> => {
  const bytes = item.result === undefined ? undefined : await deps.objects.get(item.result.key, item.result);
  const stored = bytes === undefined ? undefined : parseStoredResult(bytes);
  if (stored !== undefined) return withAllAttempts(stored, item);
  return toResultWithoutText(item, { ...calledTarget(item, deps), nowMs: deps.clock.nowMs() });
};

/**
 * Sends the answer of a request that has ended once more, and counts it in its batch: its lane message is still
 * there, so both may be missing. Answers whether both were taken.
 */
export const repeatNotification = async (
  item: RequestItem,
  metadata: Result['metadata'],
  deps: RepeatDeps,
): Promise<boolean> => {
  const stored = await readStored(item, deps);
  // Whoever cancels a waiting request does not have its message, and so not its metadata.
  const result = stored.status === 'canceled' ? { ...stored, metadata } : stored;
  const failed = await tellEnds([{ result, callbackUrl: item.callbackUrl }], deps);
  return failed.size === 0 && (await countAgain(item, deps));
};
