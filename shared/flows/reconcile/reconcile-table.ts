import { GRACE_MS } from '../../core/reconcile/judge-request.ts';
import type { ScanPage, ScanProgress } from '../../ports/table-scan.ts';
import { healBatch } from './heal-batches.ts';
import {
  createPoolsAtRest,
  doubtCounts,
  healCounts,
  type IsPoolAtRest,
  isDoubtRipe,
  withDoubts,
} from './heal-counts.ts';
import { healRequests } from './heal-requests.ts';
import type { ReconcileDeps } from './reconcile-deps.ts';

/** The whole table is looked through so often, where so many pages in an hour do for it. */
const CYCLE_MS = 24 * 3_600_000;
/** Ten pages a second, of 128 read units each, are a tenth of what a table serves at once. */
const PAUSE_MS = 100;
/** What a page may take when the stores are slow: with less left, nothing is begun. */
const STOP_BEFORE_END_MS = 60_000;

export interface ReconcileInput {
  /** How long the function may still run. */
  readonly remainingMs: () => number;
}

/** Rested: the table was looked through less than a day ago. Overtaken: another run is ahead. */
export type ReconcileOutcome = 'whole' | 'part' | 'rested' | 'overtaken';

const FIRST: ScanProgress = {
  version: 0,
  startedAtMs: 0,
  isDone: true,
  doubted: {},
  doubtedAtMs: 0,
};

const isDue = ({ isDone, startedAtMs }: ScanProgress, nowMs: number): boolean =>
  !isDone || startedAtMs + CYCLE_MS <= nowMs;

const begin = (progress: ScanProgress, nowMs: number): ScanProgress =>
  progress.isDone ? { ...progress, startedAtMs: nowMs, isDone: false } : progress;

const healSafely = async (what: string, deps: ReconcileDeps, heal: () => Promise<void>): Promise<void> => {
  try {
    await heal();
  } catch (error) {
    // One that cannot be healed must not stand before all others: it is found again.
    deps.telemetry.log('error', 'damage_not_healed', { what, error: String(error) });
  }
};

const healPage = async ({ requests, batches }: ScanPage, deps: ReconcileDeps): Promise<void> => {
  await healSafely('requests', deps, () => healRequests(requests, deps));
  for (const batch of batches) await healSafely(batch.batchId, deps, () => healBatch(batch, deps));
};

const nextOf = ({ after: _, ...progress }: ScanProgress, { next }: ScanPage): ScanProgress => ({
  ...progress,
  version: progress.version + 1,
  ...(next === undefined ? {} : { after: next }),
  isDone: next === undefined,
});

const lookAtPage = async (
  progress: ScanProgress,
  isPoolAtRest: IsPoolAtRest,
  deps: ReconcileDeps,
): Promise<ScanProgress> => {
  const nowMs = deps.clock.nowMs();
  const longAgoMs = nowMs - GRACE_MS;
  const page = await deps.scan.page(progress.after, {
    expiredBeforeMs: longAgoMs,
    attemptOverBeforeMs: longAgoMs,
    acceptedBeforeMs: longAgoMs,
  });
  await healPage(page, deps);
  const doubted = await doubtCounts(page.tenants, isPoolAtRest);
  return withDoubts(nextOf(progress, page), doubted, nowMs);
};

/** Whoever was doubted is judged first; answers with the progress without them, which is not saved yet. */
const settleDoubts = async (
  progress: ScanProgress,
  isPoolAtRest: IsPoolAtRest,
  deps: ReconcileDeps,
): Promise<ScanProgress> => {
  if (!isDoubtRipe(progress, deps.clock.nowMs())) return progress;
  await healSafely('counts', deps, () => healCounts(progress.doubted, isPoolAtRest, deps));
  return { ...progress, version: progress.version + 1, doubted: {} };
};

/** Looks through the next part of the requests table for what should not exist, and heals it. */
export const createReconcile =
  (deps: ReconcileDeps) =>
  async ({ remainingMs }: ReconcileInput): Promise<ReconcileOutcome> => {
    const isPoolAtRest = createPoolsAtRest(deps);
    // A page is a megabyte, and a run comes once an hour.
    const most = deps.settings.reconcile_megabytes_per_hour;
    let saved = await deps.scan.readProgress();
    const save = async (next: ScanProgress): Promise<boolean> => {
      if (next === saved) return true;
      const isSaved = await deps.scan.saveProgress(next, saved);
      saved = next;
      return isSaved;
    };
    let progress = await settleDoubts(saved ?? FIRST, isPoolAtRest, deps);
    if (!isDue(progress, deps.clock.nowMs())) return (await save(progress)) ? 'rested' : 'overtaken';
    progress = begin(progress, deps.clock.nowMs());
    for (let pages = 0; pages < most && remainingMs() > STOP_BEFORE_END_MS; pages++) {
      if (pages > 0) await deps.clock.sleep(PAUSE_MS);
      progress = await lookAtPage(progress, isPoolAtRest, deps);
      if (!(await save(progress))) return 'overtaken';
      if (progress.isDone) return 'whole';
    }
    return 'part';
  };
