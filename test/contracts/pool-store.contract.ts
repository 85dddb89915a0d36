import type { GovernorSnapshot } from '../../shared/core/governor/governor.ts';
import type { Heartbeat, PoolStore } from '../../shared/ports/pool-store.ts';
import type { Subject } from './subject.ts';

const LEASE_MS = 10_000;
const NOW_MS = 1_000_000;

const snapshotOf = (tokens: number): GovernorSnapshot => ({
  takenAtMs: NOW_MS,
  levels: { tokens_per_minute: tokens },
  pausedUntilMs: 0,
});

const beatOf = (epoch: number, fields: Partial<Heartbeat> = {}): Heartbeat => ({
  epoch,
  nowMs: NOW_MS + 3000,
  leaseMs: LEASE_MS,
  snapshot: snapshotOf(100),
  readyToHandOver: false,
  ...fields,
});

export const describePoolStore = (name: string, open: () => Promise<Subject<PoolStore>>): void => {
  describe(`${name} as pool store`, () => {
    let port: PoolStore;
    let pool = '';
    let pools = 0;

    beforeAll(async () => {
      port = (await open()).port;
    });

    beforeEach(() => {
      pools += 1;
      pool = `pool-${pools}`;
    });

    const acquire = (nowMs = NOW_MS) => port.acquire(pool, nowMs, LEASE_MS);

    it('gives the first owner the first epoch', async () => {
      expect(await acquire()).toEqual({
        epoch: 1,
        liveEpochs: [1],
        fallenEpochs: [],
        suspects: {},
        reports: [],
        cancels: [],
        snapshot: undefined,
      });
    });

    it('gives nothing while somebody holds the lease', async () => {
      await acquire();
      expect(await acquire(NOW_MS + 9999)).toBeUndefined();
    });

    it('gives the lease away once it has run out, with the next epoch', async () => {
      await acquire();
      expect(await acquire(NOW_MS + 10_000)).toMatchObject({ epoch: 2, liveEpochs: [1, 2] });
    });

    it('prolongs the lease with each heartbeat', async () => {
      await acquire();
      expect(await port.heartbeat(pool, beatOf(1))).toMatchObject({ epoch: 1, liveEpochs: [1] });
      expect(await acquire(NOW_MS + 12_999)).toBeUndefined();
      expect(await acquire(NOW_MS + 13_000)).toMatchObject({ epoch: 2 });
    });

    it('gives the lease away when its owner is ready to hand over', async () => {
      await acquire();
      await port.heartbeat(pool, beatOf(1, { readyToHandOver: true }));
      expect(await acquire(NOW_MS + 3001)).toMatchObject({ epoch: 2, liveEpochs: [1, 2] });
      expect(await acquire(NOW_MS + 3002)).toBeUndefined();
    });

    it('tells the owner before, at its next heartbeat, that another has taken over', async () => {
      await acquire();
      await acquire(NOW_MS + 10_000);
      expect(await port.heartbeat(pool, beatOf(1, { nowMs: NOW_MS + 11_000 }))).toBeUndefined();
      expect(await acquire(NOW_MS + 19_999)).toBeUndefined();
      expect(await acquire(NOW_MS + 20_000)).toMatchObject({ epoch: 3 });
    });

    it('carries the governor’s state over', async () => {
      await acquire();
      await port.heartbeat(pool, beatOf(1, { snapshot: snapshotOf(77) }));
      expect((await acquire(NOW_MS + 60_000))?.snapshot).toEqual({
        takenAtMs: 1_000_000,
        levels: { tokens_per_minute: 77 },
        pausedUntilMs: 0,
      });
    });

    it('is free at once after a release, with the state left there, while the epoch lives on', async () => {
      await acquire();
      await port.release(pool, 1, snapshotOf(5));
      expect(await acquire(NOW_MS + 1)).toMatchObject({
        epoch: 2,
        liveEpochs: [1, 2],
        snapshot: { takenAtMs: 1_000_000, levels: { tokens_per_minute: 5 }, pausedUntilMs: 0 },
      });
    });

    it('is not freed by an owner that was followed by another', async () => {
      await acquire();
      await acquire(NOW_MS + 10_000);
      await port.release(pool, 1, snapshotOf(5));
      expect(await acquire(NOW_MS + 10_001)).toBeUndefined();
    });

    it('forgets an epoch whose owner says that its last call is over', async () => {
      await acquire();
      await acquire(NOW_MS + 10_000);
      await port.ended(pool, 1);
      await port.ended(pool, 1);
      expect((await port.heartbeat(pool, beatOf(2)))?.liveEpochs).toEqual([2]);
    });

    it('keeps an epoch that may have calls under way', async () => {
      await acquire();
      await acquire(NOW_MS + 900_000);
      expect((await port.heartbeat(pool, beatOf(2)))?.liveEpochs).toEqual([1, 2]);
    });

    it('counts an epoch that no function can have outlived as fallen', async () => {
      await acquire();
      expect(await acquire(NOW_MS + 960_001)).toMatchObject({ liveEpochs: [2], fallenEpochs: [1] });
    });

    it('says that a pool is held while a wake would be answered', async () => {
      expect(await port.isHeld(pool, NOW_MS)).toBe(false);
      await acquire();
      expect(await port.isHeld(pool, NOW_MS + 9999)).toBe(true);
      expect(await port.isHeld(pool, NOW_MS + 10_000)).toBe(false);
    });

    it('does not say so of an owner that wants to hand over, nor of one that let go', async () => {
      await acquire();
      await port.heartbeat(pool, beatOf(1, { readyToHandOver: true }));
      expect(await port.isHeld(pool, NOW_MS + 3001)).toBe(false);
      await acquire(NOW_MS + 3001);
      expect(await port.isHeld(pool, NOW_MS + 3002)).toBe(true);
      await port.release(pool, 2, snapshotOf(5));
      expect(await port.isHeld(pool, NOW_MS + 3003)).toBe(false);
    });

    it('ends all owners before, and goes on counting epochs', async () => {
      await port.endAll(pool);
      await acquire();
      await acquire(NOW_MS + 10_000);
      await port.endAll(pool);
      expect(await port.isHeld(pool, NOW_MS + 10_001)).toBe(false);
      expect(await acquire(NOW_MS + 10_001)).toMatchObject({
        epoch: 3,
        liveEpochs: [3],
        fallenEpochs: [1, 2],
      });
    });

    it('lets exactly one of two concurrent owners in, of a pool nobody ever owned', async () => {
      const both = await Promise.all([acquire(), acquire()]);
      expect(both.filter((lease) => lease !== undefined)).toMatchObject([
        { epoch: 1, liveEpochs: [1], snapshot: undefined },
      ]);
    });

    it('lets exactly one of two concurrent owners in, and loses nothing of the one before', async () => {
      await acquire();
      await port.heartbeat(pool, beatOf(1, { snapshot: snapshotOf(42) }));
      const both = await Promise.all([acquire(NOW_MS + 60_000), acquire(NOW_MS + 60_000)]);
      expect(both.filter((lease) => lease !== undefined)).toMatchObject([
        {
          epoch: 2,
          liveEpochs: [1, 2],
          snapshot: { takenAtMs: 1_000_000, levels: { tokens_per_minute: 42 }, pausedUntilMs: 0 },
        },
      ]);
    });
  });
};
