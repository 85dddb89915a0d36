import type { Problem } from '../../contract/problem.ts';
import type { Settings } from '../../contract/settings.ts';
import { backlogProblem, type LowWork } from '../../core/back-pressure.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PoolReports } from '../../ports/pool-reports.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { readReportIfAny } from '../view-context.ts';

export interface BacklogDeps {
  readonly settings: Settings;
  readonly reports: PoolReports;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** Whether low work would wait too long, by what the owner of its pool told last. */
export const readBacklog = async (work: LowWork, deps: BacklogDeps): Promise<Problem | undefined> => {
  const { settings, clock } = deps;
  const report = await readReportIfAny(work.pool, deps);
  return backlogProblem(
    work,
    { report, nowMs: clock.nowMs(), firstGuessMs: settings.average_request_duration * 1000 },
    settings.longest_low_wait_seconds,
  );
};
