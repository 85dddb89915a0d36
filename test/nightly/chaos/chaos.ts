import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkEvidence } from '../../chaos/check.ts';
import { type Report, renderFailure, toReport } from '../../chaos/report.ts';
import { type ChaosRun, runChaos } from '../../chaos/run-chaos.ts';
import type { Part, UnitReport } from '../part.ts';

export interface ChaosOptions {
  readonly seeds: number;
  readonly minutes: number;
  readonly requests: number;
}

/** All that takes its time after the last disturbance, reading every answer included. */
const MOST_REST_MINUTES = 10;

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

const toFigures = (report: Report): UnitReport['figures'] => ({
  requests: report.requests,
  acknowledged: report.acknowledged,
  ...report.ended,
  tried_more_than_once: report.tried_more_than_once,
  lost_attempts: report.lost_attempts,
  model_calls: report.model_calls,
  disturbances: sumOf(report.disturbances),
  rested_after_s: report.rested_after_seconds,
});

const keep = async (folder: string, run: ChaosRun, failure: string): Promise<void> => {
  await writeFile(join(folder, 'evidence.json'), JSON.stringify(run.evidence));
  await writeFile(join(folder, 'failure.txt'), `${failure}\n`);
};

/** One seed after the other; the data of those in which something was wrong stay. */
export const createChaos = ({ seeds, minutes, requests }: ChaosOptions): Part => ({
  units: Array.from({ length: seeds }, (_, index) => `seed ${index + 1}`),
  mostMinutesEach: minutes + MOST_REST_MINUTES,
  run: async (unit, { folder, show }) => {
    const seed = Number(unit.slice('seed '.length));
    const durationMs = minutes * 60_000;
    const place = join(folder, `seed-${seed}`);
    await rm(place, { recursive: true, force: true });
    await mkdir(place, { recursive: true });
    const run = await runChaos({
      ...{ seed, durationMs, requests },
      dataDir: join(place, 'data'),
      onProgress: ({ elapsedMs, acknowledged, answered, disturbances, resting }) =>
        show(
          elapsedMs / durationMs,
          `${disturbances} disturbances, ${acknowledged} of ${requests} acknowledged, ${answered} answered${resting ? '; coming to rest' : ''}`,
        ),
    });
    const violations = checkEvidence(run.evidence);
    const report = toReport({ seed, requests, durationMs }, run, violations);
    const again = `npm run chaos -- --seed ${seed} --minutes ${minutes} --requests ${requests}`;
    if (violations.length > 0) await keep(place, run, renderFailure(run, violations, again));
    else await rm(place, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    return {
      unit,
      figures: toFigures(report),
      faults: violations.slice(0, 40).map(({ rule, detail }) => `${rule}: ${detail}`),
    };
  },
});
