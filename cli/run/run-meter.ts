import type { Batch } from '../../shared/contract/batch.ts';
import {
  expectCost,
  NO_QUOTA,
  predictSeconds,
  type QuotaUse,
  type RunFigures,
  type Sample,
  sumBatches,
} from './run-figures.ts';

export interface RunMeter {
  noteQuota(quota: QuotaUse): void;
  /** The figures of now, as the batches were last looked at. */
  measure(views: readonly Batch[]): RunFigures;
}

export interface MeterOptions {
  readonly total: number;
  readonly estimatedUsd: number | null;
  readonly throttles: () => number | null;
  readonly nowMs: () => number;
}

/** Half a minute and more, at two looks a second. */
const MOST_SAMPLES = 100;

export const createRunMeter = ({ total, estimatedUsd, throttles, nowMs }: MeterOptions): RunMeter => {
  const startedAtMs = nowMs();
  const samples: Sample[] = [];
  let quota = NO_QUOTA;
  return {
    noteQuota: (use) => {
      quota = use;
    },
    measure: (views) => {
      const sums = sumBatches(views);
      samples.push({ atMs: nowMs(), ended: sums.succeeded + sums.failed });
      if (samples.length > MOST_SAMPLES) samples.shift();
      return {
        total,
        ...sums,
        expectedCostUsd: expectCost(sums, total, estimatedUsd),
        inFlight: quota.inFlight,
        quotaShare: quota.share,
        held: quota.held,
        throttles: throttles(),
        elapsedMs: nowMs() - startedAtMs,
        etaSeconds: predictSeconds(samples, total),
      };
    },
  };
};
