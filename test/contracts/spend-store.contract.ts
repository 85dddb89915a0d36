import type { SpendStore } from '../../shared/ports/spend-store.ts';
import type { Subject } from './subject.ts';

const DAY = { period: '2026-01-31', endsAtMs: Date.UTC(2026, 1, 1) };

export const describeSpendStore = (name: string, open: () => Promise<Subject<SpendStore>>): void => {
  describe(`${name} as spend store`, () => {
    let port: SpendStore;
    let tenant = '';
    let tenants = 0;

    beforeAll(async () => {
      port = (await open()).port;
    });

    beforeEach(() => {
      tenants += 1;
      tenant = `spender-${tenants}`;
    });

    const reserve = (microdollars: number, tokens: number, most: object) =>
      port.reserve(tenant, { ...DAY, most }, { microdollars, tokens });
    const read = (period = DAY.period) => port.read({ tenant, period });

    it('has spent nothing before anything was reserved', async () => {
      expect(await read()).toEqual({ microdollars: 0, tokens: 0 });
    });

    it('counts what is reserved up to the limit and not beyond', async () => {
      expect(await reserve(600, 10, { microdollars: 1000 })).toBe(true);
      expect(await reserve(401, 10, { microdollars: 1000 })).toBe(false);
      expect(await reserve(400, 10, { microdollars: 1000 })).toBe(true);
      expect(await reserve(1, 1, { microdollars: 1000 })).toBe(false);
      expect(await read()).toEqual({ microdollars: 1000, tokens: 20 });
    });

    it('holds to each of two limits', async () => {
      const most = { microdollars: 1000, tokens: 100 };
      expect(await reserve(10, 101, most)).toBe(false);
      expect(await reserve(1001, 1, most)).toBe(false);
      expect(await reserve(10, 60, most)).toBe(true);
      expect(await reserve(10, 60, most)).toBe(false);
      expect(await read()).toEqual({ microdollars: 10, tokens: 60 });
    });

    it('is corrected by what a call turned out to use, up and down', async () => {
      await reserve(600, 100, { microdollars: 1000 });
      await port.correct({ tenant, period: DAY.period }, { microdollars: -550, tokens: 7 });
      expect(await read()).toEqual({ microdollars: 50, tokens: 107 });
      expect(await reserve(950, 0, { microdollars: 1000 })).toBe(true);
    });

    it('keeps tenants and periods apart', async () => {
      await reserve(5, 5, { tokens: 5 });
      expect(
        await port.reserve(
          `${tenant}-other`,
          { ...DAY, most: { tokens: 5 } },
          { microdollars: 5, tokens: 5 },
        ),
      ).toBe(true);
      expect(await read('2026-02-01')).toEqual({ microdollars: 0, tokens: 0 });
    });

    it('lets no more of two hundred at once through than there is room for', async () => {
      const wishes = Array.from({ length: 200 }, () => reserve(20, 3, { microdollars: 1000 }));
      expect((await Promise.all(wishes)).filter(Boolean)).toHaveLength(50);
      expect(await read()).toEqual({ microdollars: 1000, tokens: 150 });
    });
  });
};
