import type { Batch } from '../../shared/contract/batch.ts';
import type { BatchEstimate } from '../../shared/contract/estimate.ts';
import type { PoolQuota } from '../../shared/contract/quota-view.ts';
import type { ApiClient } from '../api-client.ts';
import { type Pause, pauseFor } from '../pause.ts';
import { answered } from '../refused.ts';
import type { Chunk } from './chunk-requests.ts';
import type { ProgressDisplay } from './progress-display.ts';
import type { ResultSink } from './result-sink.ts';
import { NO_QUOTA, type QuotaUse, quotaUseOf, type RunFigures } from './run-figures.ts';
import type { RunJournal } from './run-journal.ts';
import { createRunMeter } from './run-meter.ts';
import { type WatchedBatch, watchBatch } from './watched-batch.ts';

export interface RunDrive {
  readonly api: ApiClient;
  readonly chunks: readonly Chunk[];
  readonly journal: Pick<RunJournal, 'state' | 'noteBatch'>;
  readonly sink: ResultSink;
  readonly display: ProgressDisplay;
  readonly isOrdered: boolean;
  /** Null where nobody counts them. */
  readonly throttles: () => number | null;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  readonly pause?: Pause;
}

const LOOK_EVERY_MS = 500;
const QUOTA_EVERY_MS = 2000;

/** Batches are served in their order: the first unfinished ones move, and each look costs. */
const LOOKED_AT_ONCE = 3;

const MOST_ESTIMATED = 100;

interface Watched {
  readonly chunk: Chunk;
  readonly batch: WatchedBatch;
}

const takenOf = ({ start, count }: Chunk, written: ReadonlySet<number>): ReadonlySet<number> => {
  const indexes = Array.from({ length: count }, (_, index) => index);
  return new Set(indexes.filter((index) => written.has(start + index)));
};

/** Work that goes on beside the loop, whose failure the loop tells. */
const follow = (work: Promise<void>): { readonly isDone: () => boolean; readonly check: () => void } => {
  let state: 'working' | 'done' | { readonly error: unknown } = 'working';
  work.then(
    () => {
      state = 'done';
    },
    (error: unknown) => {
      state = { error };
    },
  );
  return {
    isDone: () => state === 'done',
    check: () => {
      if (typeof state === 'object') throw state.error;
    },
  };
};

/** Sends what no earlier time has sent; the key makes a repetition the same batch. */
const submitAll = async (drive: RunDrive, onWatched: (watched: Watched) => void): Promise<void> => {
  const { api, chunks, journal, sink, isOrdered, signal } = drive;
  for (const [place, chunk] of chunks.entries()) {
    const known = journal.state.batchIds.get(place);
    const batchId = known ?? (await submit(api, chunk, signal)).batch_id;
    if (known === undefined) journal.noteBatch(place, batchId);
    const taken = takenOf(chunk, sink.written);
    onWatched({ chunk, batch: watchBatch({ api, batchId, total: chunk.count, taken, isOrdered }) });
  }
};

const submit = async (api: ApiClient, { lines, key }: Chunk, signal: AbortSignal): Promise<Batch> =>
  answered(
    await api.call<Batch>({ method: 'POST', path: '/v1/batches', lines, idempotencyKey: key, signal }),
  );

/** What all would cost if all were like the first; nothing to rely on, so nothing fails for want of it. */
const estimateCost = async ({ api, chunks, signal }: RunDrive, total: number): Promise<number | null> => {
  const first = (chunks[0]?.lines ?? '').split('\n').slice(0, MOST_ESTIMATED);
  const requests = first.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown);
  const answer = await api.call<BatchEstimate>({
    method: 'POST',
    path: '/v1/requests/estimate',
    json: { requests },
    signal,
  });
  if (answer.kind === 'refused' || requests.length === 0) return null;
  const expected = answer.value.cost_usd?.expected;
  return expected === undefined ? null : (expected / requests.length) * total;
};

const readQuota = async ({ api, signal }: RunDrive): Promise<QuotaUse> => {
  const answer = await api.call<{ readonly pools: readonly PoolQuota[] }>({
    method: 'GET',
    path: '/v1/quota',
    signal,
  });
  return answer.kind === 'answered' ? quotaUseOf(answer.value.pools) : NO_QUOTA;
};

/** In order only the first batch that is not done can give anything. */
const dueOf = (watched: readonly Watched[], isOrdered: boolean): readonly Watched[] =>
  watched.filter(({ batch }) => !batch.isDone).slice(0, isOrdered ? 1 : LOOKED_AT_ONCE);

const lookAt = async ({ chunk, batch }: Watched, { sink, signal }: RunDrive): Promise<void> => {
  const results = await batch.look(signal);
  sink.write(results.map((result) => ({ place: chunk.start + (result.batch_index ?? 0), result })));
};

/** Sends everything, takes every result as it comes, and shows how far it is, until nothing is left. */
export const driveRun = async (drive: RunDrive): Promise<RunFigures> => {
  const { chunks, display, signal, nowMs, pause = pauseFor } = drive;
  const total = chunks.reduce((sum, { count }) => sum + count, 0);
  const meter = createRunMeter({ ...drive, total, estimatedUsd: await estimateCost(drive, total) });
  const watched: Watched[] = [];
  const submission = follow(submitAll(drive, (one) => watched.push(one)));
  const isOver = (): boolean => submission.isDone() && watched.every(({ batch }) => batch.isDone);
  const measure = (): RunFigures => meter.measure(watched.flatMap(({ batch }) => batch.view ?? []));
  let quotaAtMs = Number.NEGATIVE_INFINITY;

  while (!isOver()) {
    submission.check();
    for (const one of dueOf(watched, drive.isOrdered)) await lookAt(one, drive);
    if (nowMs() - quotaAtMs >= QUOTA_EVERY_MS) {
      meter.noteQuota(await readQuota(drive));
      quotaAtMs = nowMs();
    }
    display.show(measure());
    if (!isOver()) await pause(LOOK_EVERY_MS, signal);
  }
  return measure();
};
