import type { PoolBoard } from '../../shared/ports/pool-board.ts';
import type { Lease, PoolStore } from '../../shared/ports/pool-store.ts';
import type { Subject } from './subject.ts';

const NOW_MS = 1_000_000;
const LEASE_MS = 10_000;
const SNAPSHOT = { takenAtMs: NOW_MS, levels: {}, pausedUntilMs: 0 };

const reportOf = (epoch: number, takenAtMs = NOW_MS) => ({
  epoch,
  takenAtMs,
  inFlight: 3,
  taken: { tokens_per_minute: 1234 },
});

export interface PoolBoardSubject extends Subject<PoolBoard> {
  /** On the same item. */
  readonly pools: PoolStore;
}

export const describePoolBoard = (name: string, open: () => Promise<PoolBoardSubject>): void => {
  describe(`${name} as pool board`, () => {
    let port: PoolBoard;
    let pools: PoolStore;
    let pool = '';
    let opened = 0;

    beforeAll(async () => {
      ({ port, pools } = await open());
    });

    /** Two owners: the first finishes its calls, the second holds the lease. */
    beforeEach(async () => {
      opened += 1;
      pool = `board-${opened}`;
      await pools.acquire(pool, NOW_MS, LEASE_MS);
      await pools.acquire(pool, NOW_MS + LEASE_MS, LEASE_MS);
    });

    const beat = (): Promise<Lease | undefined> =>
      pools.heartbeat(pool, {
        epoch: 2,
        nowMs: NOW_MS + 12_000,
        leaseMs: LEASE_MS,
        snapshot: SNAPSHOT,
        readyToHandOver: false,
      });

    it('shows the last report of another owner, and not one’s own', async () => {
      await port.report(pool, reportOf(1));
      await port.report(pool, reportOf(1, NOW_MS + 1000));
      await port.report(pool, reportOf(2));
      expect((await beat())?.reports).toEqual([reportOf(1, NOW_MS + 1000)]);
    });

    it('shows it to whoever takes the lease next', async () => {
      await port.report(pool, reportOf(1));
      const next = await pools.acquire(pool, NOW_MS + 60_000, LEASE_MS);
      expect(next).toMatchObject({ epoch: 3, liveEpochs: [1, 2, 3], reports: [reportOf(1)] });
    });

    it('forgets the report of an owner that has ended, also one that comes late', async () => {
      await port.report(pool, reportOf(1));
      await pools.ended(pool, 1);
      await port.report(pool, reportOf(1));
      expect(await beat()).toMatchObject({ reports: [], liveEpochs: [2] });
    });

    it('forgets the reports of those that fell', async () => {
      await port.report(pool, reportOf(1));
      await pools.endAll(pool);
      expect(await beat()).toMatchObject({ reports: [], liveEpochs: [], fallenEpochs: [1, 2] });
    });

    it('tells which request under suspicion an owner had in flight, also after its fall', async () => {
      await port.suspect(pool, 1, 'req_a');
      await port.suspect(pool, 2, 'req_b');
      await port.suspect(pool, 2, undefined);
      expect((await beat())?.suspects).toEqual({ 1: 'req_a' });
      await pools.endAll(pool);
      expect((await beat())?.suspects).toEqual({ 1: 'req_a' });
    });

    it('knows no suspect of an owner that has ended', async () => {
      await port.suspect(pool, 1, 'req_a');
      await pools.ended(pool, 1);
      await port.suspect(pool, 1, 'req_a');
      expect((await beat())?.suspects).toEqual({});
    });

    it('remembers the last twenty that fell', async () => {
      for (let owner = 3; owner <= 25; owner += 1) {
        await pools.endAll(pool);
        await pools.acquire(pool, NOW_MS + 60_000, LEASE_MS);
      }
      const lease = await pools.acquire(pool, NOW_MS + 90_000, LEASE_MS);
      expect(lease?.fallenEpochs.toSorted((a, b) => a - b)).toEqual([
        5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
      ]);
    });

    it('shows which requests are to be stopped until they have ended', async () => {
      expect(await port.askToCancel(pool, 'req_a', NOW_MS)).toBe(true);
      expect(await port.askToCancel(pool, 'req_b', NOW_MS)).toBe(true);
      expect(await port.askToCancel(pool, 'req_a', NOW_MS)).toBe(true);
      expect((await beat())?.cancels.toSorted()).toEqual(['req_a', 'req_b']);
      expect((await port.readCancels(pool)).toSorted()).toEqual(['req_a', 'req_b']);
      await port.canceled(pool, ['req_a', 'req_x']);
      expect((await beat())?.cancels).toEqual(['req_b']);
      expect(await port.readCancels(pool)).toEqual(['req_b']);
      await port.canceled(pool, []);
      expect((await pools.acquire(pool, NOW_MS + 60_000, LEASE_MS))?.cancels).toEqual(['req_b']);
    });

    it('takes two hundred of them, and the same ones again', async () => {
      const asked = await Promise.all(
        Array.from({ length: 201 }, (_, index) => port.askToCancel(pool, `req_${index}`, NOW_MS)),
      );
      expect(asked.filter((taken) => taken)).toHaveLength(200);
      expect(await port.askToCancel(pool, `req_${asked.indexOf(true)}`, NOW_MS)).toBe(true);
    });

    it('has nobody to ask of a pool that never had an owner', async () => {
      expect(await port.askToCancel('board-unknown', 'req_a', NOW_MS)).toBe(false);
      expect(await port.readCancels('board-unknown')).toEqual([]);
    });
  });
};
