import { createCachedPoolReports } from '../../shared/adapters/cached-pool-reports.ts';
import type { PoolReports } from '../../shared/ports/pool-reports.ts';
import { poolReportOf } from '../fakes/pool-report.ts';
import { VirtualClock } from '../fakes/virtual-clock.ts';

describe('cached pool reports', () => {
  let clock: VirtualClock;
  let read: string[];
  let reports: PoolReports;
  let broken: boolean;

  beforeEach(() => {
    clock = new VirtualClock();
    read = [];
    broken = false;
    reports = createCachedPoolReports(
      {
        readReport: async (pool) => {
          read.push(pool);
          if (broken) throw new Error('no table');
          return poolReportOf({ epoch: read.length });
        },
      },
      clock,
    );
  });

  it('reads a pool once for everybody who asks within a second and a half, also at the same time', async () => {
    const asked = await Promise.all([1, 2, 3].map(() => reports.readReport('haiku')));
    await clock.advance(1_499);
    await reports.readReport('haiku');
    expect(asked.map((report) => report?.epoch)).toEqual([1, 1, 1]);
    expect(read).toEqual(['haiku']);
  });

  it('reads it again after that, and every pool for itself', async () => {
    await reports.readReport('haiku');
    await reports.readReport('nova');
    await clock.advance(1_500);
    expect((await reports.readReport('haiku'))?.epoch).toBe(3);
    expect(read).toEqual(['haiku', 'nova', 'haiku']);
  });

  it('does not keep a failure', async () => {
    broken = true;
    await expect(reports.readReport('haiku')).rejects.toThrow('no table');
    broken = false;
    expect((await reports.readReport('haiku'))?.epoch).toBe(2);
  });
});
