import { QUEUES } from '../../contract/names.ts';
import type { Result } from '../../contract/request.ts';
import type { RequestItem } from '../../contract/request-item.ts';
import { toNotificationBody } from '../../core/build-segment.ts';
import { toResultWithoutText } from '../../core/to-view.ts';
import { parseStoredResult } from '../stored-result.ts';
import type { DrainDeps } from './drain-deps.ts';

const readStored = async (item: RequestItem, deps: DrainDeps): Promise<Result> => {
  const bytes = item.result === undefined ? undefined : await deps.objects.get(item.result.key, item.result);
  const stored = bytes === undefined ? undefined : parseStoredResult(bytes);
  if (stored !== undefined) return stored;
  const modelId = deps.settings.models[item.pool]?.model_id ?? item.pool;
  return toResultWithoutText(item, { modelId, region: deps.region, nowMs: deps.clock.nowMs() });
};

/**
 * Sends the answer of a request that has ended once more: its lane message is still there, so the earlier
 * notification may be missing. Answers whether the queue took it.
 */
export const repeatNotification = async (item: RequestItem, deps: DrainDeps): Promise<boolean> => {
  const result = await readStored(item, deps);
  const failed = await deps.queues.send(QUEUES.results, [
    { body: toNotificationBody(result), groupId: item.tenant },
  ]);
  return failed.size === 0;
};
