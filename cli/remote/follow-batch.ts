import type { Batch } from '../../shared/contract/batch.ts';
import { isOver } from '../../shared/contract/batch-statuses.ts';
import type { PoolQuota } from '../../shared/contract/quota-view.ts';
import type { ApiClient } from '../api-client.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { paletteFor, say } from '../output.ts';
import { type Pause, pauseFor } from '../pause.ts';
import { answered, RefusedError } from '../refused.ts';
import { createDisplay } from '../run/progress-display.ts';
import { renderSummary } from '../run/render-progress.ts';
import { quotaUseOf } from '../run/run-figures.ts';
import { createRunMeter } from '../run/run-meter.ts';

const LOOK_EVERY_MS = 1000;

const readBatch = async (api: ApiClient, batchId: string): Promise<Batch> =>
  answered(await api.call<Batch>({ method: 'GET', path: `/v1/batches/${batchId}` }));

const readPools = async (api: ApiClient): Promise<readonly PoolQuota[]> => {
  const answer = await api.call<{ readonly pools: readonly PoolQuota[] }>({
    method: 'GET',
    path: '/v1/quota',
  });
  return answer.kind === 'answered' ? answer.value.pools : [];
};

/** Shows how far a batch is until it is over. A batch whose upload had faults ends as a refusal. */
export const followBatch = async (
  api: ApiClient,
  batchId: string,
  pause: Pause = pauseFor,
): Promise<Batch> => {
  const display = createDisplay({
    stream: process.stderr,
    palette: paletteFor(process.stderr),
    nowMs: Date.now,
  });
  let meter: ReturnType<typeof createRunMeter> | undefined;
  try {
    for (;;) {
      const batch = await readBatch(api, batchId);
      if (batch.status === 'failed' && batch.error !== null) throw new RefusedError(batch.error);
      const { total } = batch.counts;
      if (total > 0)
        meter ??= createRunMeter({ total, estimatedUsd: null, throttles: () => null, nowMs: Date.now });
      meter?.noteQuota(quotaUseOf(await readPools(api)));
      const figures = meter?.measure([batch]);
      if (figures !== undefined) display.show(figures);
      if (isOver(batch.status)) {
        display.close();
        if (figures !== undefined) say(renderSummary(figures));
        return batch;
      }
      await pause(LOOK_EVERY_MS);
    }
  } finally {
    display.close();
  }
};

export const exitCodeOf = ({ counts }: Batch): number =>
  counts.succeeded === counts.total ? EXIT_CODES.ok : EXIT_CODES.someFailed;
