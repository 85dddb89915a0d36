import type { Controls } from '../contract/controls.ts';
import type { PoolReport } from '../contract/pool-report.ts';
import type { RequestItem } from '../contract/request-item.ts';
import type { Settings } from '../contract/settings.ts';
import { calledTarget } from '../core/targets/called-target.ts';
import type { ResultContext, ViewContext } from '../core/to-view.ts';
import type { Clock } from '../ports/clock.ts';
import type { PoolReports } from '../ports/pool-reports.ts';
import type { Telemetry } from '../ports/telemetry.ts';

export interface ViewDeps {
  readonly settings: Settings;
  readonly region: string;
  readonly reports: PoolReports;
  /** As views show them: a few seconds old at most. */
  readonly seenControls: () => Promise<Controls>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** A report is advice: that it cannot be had keeps nobody from an answer. */
export const readReportIfAny = async (
  pool: string,
  { reports, telemetry }: Pick<ViewDeps, 'reports' | 'telemetry'>,
): Promise<PoolReport | undefined> => {
  try {
    return await reports.readReport(pool);
  } catch (error) {
    telemetry.log('warn', 'report_not_read', { pool, error: String(error) });
    return undefined;
  }
};

export const resultContextOf = (
  item: RequestItem,
  deps: Pick<ViewDeps, 'settings' | 'region' | 'clock'>,
): ResultContext => ({ ...calledTarget(item, deps), nowMs: deps.clock.nowMs() });

/** All that a request's view is made of, beside the request. */
export const viewContextOf = async (item: RequestItem, deps: ViewDeps): Promise<ViewContext> => ({
  ...resultContextOf(item, deps),
  report: await readReportIfAny(item.pool, deps),
  controls: await deps.seenControls(),
  firstGuessMs: deps.settings.average_request_duration * 1000,
});
