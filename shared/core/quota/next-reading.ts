import type { QuotaReading } from '../../contract/quota-reading.ts';
import { QUOTA_LIMIT_NAMES, type Quota } from '../../contract/quota-settings.ts';
import type { QuotaMatch } from './match-service-quota.ts';

/** Service Quotas is looked at so often, and sooner again when it did not answer. */
const READ_EVERY_MS = 60 * 60_000;
const AFTER_FAILURE_MS = 5 * 60_000;

/** Whether it is time to look again. */
export const isReadingDue = (last: QuotaReading | undefined, modelId: string, nowMs: number): boolean =>
  last === undefined ||
  last.model_id !== modelId ||
  nowMs - last.read_at_ms >= (last.outcome === 'failed' ? AFTER_FAILURE_MS : READ_EVERY_MS);

const isSame = (one: Quota | undefined, other: Quota | undefined): boolean =>
  (one === undefined) === (other === undefined) &&
  QUOTA_LIMIT_NAMES.every((name) => one?.[name] === other?.[name]);

export interface Look {
  readonly modelId: string;
  readonly nowMs: number;
  /** What was matched, or why nothing could be read. */
  readonly seen: QuotaMatch | { readonly outcome: 'failed'; readonly detail: string };
}

export interface NextReading {
  readonly reading: QuotaReading;
  /** The limits have become others than they were when they were last found, or are gone. */
  readonly changed: boolean;
}

/** What is written down after a look; what was found before stays while a look fails. */
export const nextReading = (
  before: QuotaReading | undefined,
  { modelId, nowMs, seen }: Look,
): NextReading => {
  const last = before?.model_id === modelId ? before : undefined;
  const base = { model_id: modelId, outcome: seen.outcome, read_at_ms: nowMs, detail: seen.detail };
  if (seen.outcome === 'failed') {
    return { reading: { ...last, ...base }, changed: false };
  }
  // The first of all is no change.
  const changed = last !== undefined && !isSame(last.quota, seen.quota);
  const changedAtMs = changed ? nowMs : last?.changed_at_ms;
  return {
    reading: {
      ...base,
      ...(seen.quota === undefined ? {} : { quota: seen.quota, quota_read_at_ms: nowMs }),
      ...(changedAtMs === undefined ? {} : { changed_at_ms: changedAtMs }),
    },
    changed,
  };
};
