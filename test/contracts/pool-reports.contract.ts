import type { PoolReports } from '../../shared/ports/pool-reports.ts';
import type { Heartbeat, PoolStore } from '../../shared/ports/pool-store.ts';
import { poolReportOf } from '../fakes/pool-report.ts';
import type { Subject } from './subject.ts';

const beatOf = (epoch: number, fields: Partial<Heartbeat> = {}): Heartbeat => ({
  epoch,
  nowMs: 1_000_000,
  leaseMs: 10_000,
  snapshot: { takenAtMs: 1_000_000, levels: {}, pausedUntilMs: 0 },
  readyToHandOver: false,
  ...fields,
});

export interface Reported {
  readonly store: PoolStore;
  readonly reports: PoolReports;
}

export const describePoolReports = (name: string, open: () => Promise<Subject<Reported>>): void => {
  describe(`${name} as pool reports`, () => {
    let port: Reported;
    let pool = '';
    let pools = 0;

    beforeAll(async () => {
      port = (await open()).port;
    });

    beforeEach(() => {
      pools += 1;
      pool = `reported-${pools}`;
    });

    it('knows nothing of a pool that never had an owner, nor of one that told nothing', async () => {
      expect(await port.reports.readReport(pool)).toBeUndefined();
      await port.store.acquire(pool, 1_000_000, 10_000);
      await port.store.heartbeat(pool, beatOf(1));
      expect(await port.reports.readReport(pool)).toBeUndefined();
    });

    it('gives the last report, whole', async () => {
      await port.store.acquire(pool, 1_000_000, 10_000);
      await port.store.heartbeat(pool, beatOf(1, { report: poolReportOf({ parked: 1 }) }));
      const last = poolReportOf({ parked: 2, oldest_ms: { low: 999_000 }, paused_tenants: ['alpha'] });
      await port.store.heartbeat(pool, beatOf(1, { report: last }));
      expect(await port.reports.readReport(pool)).toEqual(last);
    });

    it('keeps the last report after its owner let go, and through a heartbeat without one', async () => {
      await port.store.acquire(pool, 1_000_000, 10_000);
      await port.store.heartbeat(pool, beatOf(1, { report: poolReportOf({ parked: 3 }) }));
      await port.store.heartbeat(pool, beatOf(1));
      await port.store.release(pool, 1, beatOf(1).snapshot);
      expect((await port.reports.readReport(pool))?.parked).toBe(3);
    });

    it('takes no report of an owner that was followed by another', async () => {
      await port.store.acquire(pool, 1_000_000, 10_000);
      await port.store.acquire(pool, 1_010_000, 10_000);
      await port.store.heartbeat(pool, beatOf(2, { report: poolReportOf({ epoch: 2 }) }));
      await port.store.heartbeat(pool, beatOf(1, { report: poolReportOf({ epoch: 1 }) }));
      expect((await port.reports.readReport(pool))?.epoch).toBe(2);
    });
  });
};
