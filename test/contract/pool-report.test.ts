import { parsePoolReport, poolReportSchema } from '../../shared/contract/pool-report.ts';
import { poolReportOf } from '../fakes/pool-report.ts';

describe('pool-report', () => {
  it('comes back from JSON as it was', () => {
    const report = poolReportOf({ spent_tenants: ['alpha'] });
    expect(parsePoolReport(JSON.stringify(report))).toEqual(report);
  });

  it.each([undefined, 7, '', '{', 'null', '{}', '{"epoch":1}'])('is nothing when it is %p', (text) => {
    expect(parsePoolReport(text)).toBeUndefined();
  });

  it('stays under 2 KB, and is refused when it names more tenants than it may', () => {
    const dimension = {
      name: 'output_tokens_per_minute',
      limit: 1_000_000_000_000,
      per_second: 16_666_666.666666666,
      multiplier: 0.333333333333333,
      level: -123_456.123456789,
      held: 123_456_789,
      settled_last_minute: 123_456_789,
      full_at_ms: 1_900_000_000_000,
      mean_charge: 12_345.678901234567,
    };
    const largest = poolReportOf({ dimensions: Array.from({ length: 5 }, () => dimension) });
    expect(JSON.stringify(largest).length).toBeLessThan(2048);
    const tenants = Array.from({ length: 21 }, (_, index) => `t-${index}`);
    expect(poolReportSchema.safeParse(poolReportOf({ paused_tenants: tenants })).success).toBe(false);
  });
});
