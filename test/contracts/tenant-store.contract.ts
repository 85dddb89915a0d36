import type { TenantStore } from '../../shared/ports/tenant-store.ts';
import type { Subject } from './subject.ts';

export const describeTenantStore = (name: string, open: () => Promise<Subject<TenantStore>>): void => {
  describe(`${name} as tenant store`, () => {
    let port: TenantStore;
    let pool = '';
    let pools = 0;

    beforeAll(async () => {
      port = (await open()).port;
    });

    beforeEach(() => {
      pools += 1;
      pool = `tenants-${pools}`;
    });

    it('counts nothing for a tenant that nobody has counted', async () => {
      expect(await port.readWaiting(pool, 'alpha')).toBe(0);
    });

    it('counts up and down, and answers with the count after it', async () => {
      expect(await port.addWaiting(pool, 'alpha', 10)).toBe(10);
      expect(await port.addWaiting(pool, 'alpha', 5)).toBe(15);
      expect(await port.addWaiting(pool, 'alpha', -7)).toBe(8);
      expect(await port.readWaiting(pool, 'alpha')).toBe(8);
    });

    it('keeps tenants and pools apart', async () => {
      await port.addWaiting(pool, 'alpha', 1);
      await port.addWaiting(pool, 'beta', 2);
      await port.addWaiting(`${pool}-other`, 'alpha', 3);
      expect(await port.readWaiting(pool, 'alpha')).toBe(1);
      expect(await port.readWaiting(pool, 'beta')).toBe(2);
      expect(await port.readWaiting(`${pool}-other`, 'alpha')).toBe(3);
    });

    it('tells a count below zero to whoever counts, and reads it as zero', async () => {
      expect(await port.addWaiting(pool, 'alpha', -3)).toBe(-3);
      expect(await port.readWaiting(pool, 'alpha')).toBe(0);
      expect(await port.addWaiting(pool, 'alpha', 5)).toBe(2);
    });

    it('is set right from above and from below', async () => {
      await port.addWaiting(pool, 'alpha', 9);
      await port.addWaiting(pool, 'beta', -9);
      await port.setRight(pool, 'alpha');
      await port.setRight(pool, 'beta');
      await port.setRight(pool, 'unknown');
      expect(await port.readWaiting(pool, 'alpha')).toBe(0);
      expect(await port.addWaiting(pool, 'beta', 1)).toBe(1);
      expect(await port.addWaiting(pool, 'unknown', 1)).toBe(1);
    });

    it('is set right only while it is what was seen', async () => {
      await port.addWaiting(pool, 'alpha', 9);
      await port.addWaiting(pool, 'beta', -9);
      expect(await port.setRightIf(pool, 'alpha', 8)).toBe(false);
      expect(await port.readWaiting(pool, 'alpha')).toBe(9);
      expect(await port.setRightIf(pool, 'alpha', 9)).toBe(true);
      expect(await port.readWaiting(pool, 'alpha')).toBe(0);
      expect(await port.setRightIf(pool, 'beta', -9)).toBe(true);
      expect(await port.addWaiting(pool, 'beta', 1)).toBe(1);
      expect(await port.setRightIf(pool, 'unknown', 0)).toBe(false);
    });

    it('gives each of many concurrent counters a count of its own', async () => {
      const counts = await Promise.all(Array.from({ length: 25 }, () => port.addWaiting(pool, 'alpha', 1)));
      expect(counts.toSorted((a, b) => a - b)).toEqual([
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
      ]);
    });
  });
};
