import { traceOf } from '../../core/trace.ts';
import { countBatchMembers } from './count-batch-members.ts';
import { countDown, recordUsage } from './count-results.ts';
import type { SettleDeps } from './settle-deps.ts';
import type { Segment, Settling } from './settling.ts';
import { storeSegment, writeState } from './store-results.ts';
import { tellResults } from './tell-results.ts';

const measure = (pool: string, { result, finished }: Settling, { telemetry }: SettleDeps): void => {
  const code = result.error?.code;
  if (code === undefined) telemetry.measure('RequestsSucceeded', 1, { pool });
  else telemetry.measure('RequestsFailed', 1, { pool, code });
  if (result.wait_ms !== null) telemetry.measure('RequestWait', result.wait_ms, { pool });
  if (result.usage !== null) {
    telemetry.measure('InputTokens', result.usage.input_tokens, { pool });
    telemetry.measure('OutputTokens', result.usage.output_tokens, { pool });
  }
  if (result.cost_usd !== null)
    telemetry.measure('SpentMicrodollars', Math.round(result.cost_usd * 1e6), { pool });
  telemetry.log('info', 'request_finished', {
    ...traceOf(finished.staged.held),
    custom_id: result.custom_id,
    tenant: result.tenant,
    pool,
    priority: result.priority,
    status: result.status,
    code: code ?? null,
    attempts: finished.ended.attempts,
    wait_ms: result.wait_ms,
    latency_ms: result.latency_ms,
  });
};

const segmentsOf = (batch: readonly Settling[]): readonly Segment[] => [
  ...new Set(batch.flatMap(({ segment }) => (segment === undefined ? [] : [segment]))),
];

/** What is certain, and not waiting for the ledger. */
const isSettled = (settling: Settling, needsLedger: boolean): boolean => {
  const { member, isNotified, isKept, isCounted, segment } = settling;
  if (member.outcome === undefined || !isNotified || !isKept) return false;
  // Of one that lost it was told, and counted, how the winner ended.
  if (!isCounted && member.outcome === 'finished') return false;
  return !needsLedger || segment?.isRecorded === true;
};

export interface SettleOptions {
  readonly needsLedger?: boolean;
  readonly onCounted?: (tenant: string, count: number) => void;
}

/**
 * Writes results down: segment, state items, notifications, counts of batches, ledger, counters, and only then are
 * the lane messages deleted. After a crash anywhere in between they come again, and whoever meets them sees how far
 * it got. Each step is left out where it was done before; what can not be done now is left as it is, to be given
 * again.
 */
export const settleResults = async (
  pool: string,
  batch: readonly Settling[],
  deps: SettleDeps,
  { needsLedger = true, onCounted = () => {} }: SettleOptions = {},
): Promise<void> => {
  await storeSegment(pool, batch, deps);
  const unknown = batch.filter(({ member }) => member.outcome === undefined);
  await Promise.all(unknown.map((settling) => writeState(settling, deps)));
  const news = unknown.filter(({ member }) => member.outcome !== undefined);
  for (const { segment } of news) if (segment !== undefined) segment.isRecorded = false;
  await tellResults(pool, batch, deps);
  await countBatchMembers(
    batch.filter(({ member }) => member.outcome === 'finished'),
    deps,
  );
  const unrecorded = segmentsOf(batch).filter(({ isRecorded }) => !isRecorded);
  await Promise.all(unrecorded.map((segment) => recordUsage(pool, segment, deps)));
  const won = news.filter(({ member }) => member.outcome === 'finished');
  for (const [tenant, count] of await countDown(pool, won, deps)) onCounted(tenant, count);
  for (const settling of won) measure(pool, settling, deps);
  const settled = batch.filter((settling) => isSettled(settling, needsLedger));
  // Whoever runs one that could not be canceled needs its lane message still.
  const over = settled.filter(({ member }) => member.outcome !== 'running');
  await deps.queues.remove(over.flatMap(({ finished }) => finished.staged.receipts));
  for (const settling of settled) settling.isDone = true;
};
