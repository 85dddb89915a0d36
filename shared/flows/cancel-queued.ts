import type { RequestItem } from '../contract/request-item.ts';
import { heldWithoutText } from '../core/hold-request.ts';
import type { SettleDeps } from './drain/settle-deps.ts';
import { settleResults } from './drain/settle-results.ts';
import { createSettling, type SettleOutcome } from './drain/settling.ts';

/**
 * Ends a request that waits, in its caller's name, as a drain would have written it down. Its lane message is left to
 * whoever meets it. Answers `running` when a drain has claimed it.
 */
export const cancelQueued = async (item: RequestItem, deps: SettleDeps): Promise<SettleOutcome> => {
  const pool = deps.settings.models[item.pool];
  if (pool === undefined || item.status !== 'queued') return 'running';
  const settling = createSettling(
    {
      staged: {
        id: item.requestId,
        held: heldWithoutText(item),
        priority: item.priority,
        receipts: [],
        attemptLog: item.attemptLog,
      },
      ended: {
        ending: { status: 'canceled', code: 'canceled' },
        attempts: item.attempts,
        finishedAtMs: deps.clock.nowMs(),
      },
      onlyQueued: true,
    },
    { pool, region: deps.region },
  );
  await settleResults(item.pool, [settling], deps);
  if (settling.member.outcome === undefined)
    throw new Error(`the state of ${item.requestId} could not be written`);
  return settling.member.outcome;
};
