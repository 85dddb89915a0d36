import { parseSegmentKey, segmentKey } from '../../contract/keys.ts';
import type { Result } from '../../contract/request.ts';
import type { RequestItem } from '../../contract/request-item.ts';
import { isTerminal } from '../../contract/statuses.ts';
import { parseStoredResult } from '../stored-result.ts';
import { toLedgerEntry } from './ledger-entry.ts';
import type { SettleDeps } from './settle-deps.ts';
import type { LedgerMember } from './settling.ts';

const NEWLINE = 10;

const linesOf = (bytes: Uint8Array): readonly Uint8Array[] => {
  const lines: Uint8Array[] = [];
  for (let start = 0, end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
};

/** It points into this segment, or somebody else's answer won, or has still to. */
const toMember = async (result: Result, segment: string, deps: SettleDeps): Promise<LedgerMember> => {
  const item = await deps.requests.read(result.request_id);
  // What was reopened since won in its life before.
  const ends = item === undefined ? [] : [item, ...(item.earlier ?? [])];
  const won = ends.some(
    (end) => end.result !== undefined && parseSegmentKey(end.result.key)?.segment === segment,
  );
  const isOpen = item !== undefined && !isTerminal(item.status);
  return {
    status: result.status,
    usage: result.usage,
    costUsd: result.cost_usd,
    ...(isOpen && !won ? {} : { outcome: won ? 'finished' : 'already_finished' }),
  };
};

const heal = async (item: RequestItem, deps: SettleDeps): Promise<void> => {
  const flush = item.result === undefined ? undefined : parseSegmentKey(item.result.key);
  if (flush === undefined) return;
  const { pool, atMs, segment } = flush;
  if (await deps.ledger.isSettled(pool, atMs, segment)) return;
  const bytes = await deps.objects.get(segmentKey(pool, atMs, segment));
  if (bytes === undefined) return;
  const results = linesOf(bytes).flatMap((line) => parseStoredResult(line) ?? []);
  const members = await Promise.all(results.map((result) => toMember(result, segment, deps)));
  await deps.ledger.record(toLedgerEntry(pool, { id: segment, atMs }, members));
  deps.telemetry.log('info', 'usage_recorded_late', { pool, segment, results: members.length });
};

/**
 * The lane message of a request that has ended is still there: whoever wrote its end down may have died before the
 * ledger. What that flush used is found in its own segment, and recorded under its own key.
 Bookkeeping alone holds nobody's answer up.
 */
export const healLedger = async (item: RequestItem, deps: SettleDeps): Promise<void> => {
  try {
    await heal(item, deps);
  } catch (error) {
    deps.telemetry.log('error', 'usage_not_recorded', { request_id: item.requestId, error: String(error) });
  }
};
