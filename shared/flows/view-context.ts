import type { PoolReport } from '../contract/pool-report.ts';
import type { Settings } from '../contract/settings.ts';
import type { ResultContext, ViewContext } from '../core/to-view.ts';
import type { Clock } from '../ports/clock.ts';
import type { PoolReports } from '../ports/pool-reports.ts';
import type { Telemetry } from '../ports/telemetry.ts';

export interface ViewDeps {
  readonly settings: Settings;
  readonly region: string;
  readonly reports: PoolReports;
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
  pool: string,
  { settings, region, clock }: Omit<ViewDeps, 'reports' | 'telemetry'>,
): ResultContext => ({ modelId: settings.models[pool]?.model_id ?? pool, region, nowMs: clock.nowMs() });

/** All that a request's view is made of, beside the request. */
export const viewContextOf = async (pool: string, deps: ViewDeps): Promise<ViewContext> => ({
  ...resultContextOf(pool, deps),
  report: await readReportIfAny(pool, deps),
  firstGuessMs: deps.settings.average_request_duration * 1000,
});
