import type { Governor } from '../../core/governor/governor.ts';
import { type Charged, chargedBy, quotaUseSince } from '../../core/quota-use.ts';
import type { DrainDeps } from './drain-deps.ts';

/** Tells, each time it is called, how much of the quota in force was used since the time before. */
export const createMeasureQuotaUse = (
  pool: string,
  governor: Governor,
  { clock, telemetry }: Pick<DrainDeps, 'clock' | 'telemetry'>,
): (() => void) => {
  let before: Charged = chargedBy(governor.describe(clock.nowMs()));
  return () => {
    const view = governor.describe(clock.nowMs());
    const percent = quotaUseSince(before, view);
    before = chargedBy(view);
    if (percent > 0) telemetry.measure('QuotaUse', percent, { pool });
  };
};
