import { type Controls, NO_CONTROLS } from '../../shared/contract/controls.ts';
import type { ControlStore } from '../../shared/ports/control-store.ts';
import type { Subject } from './subject.ts';

const versionOf = (version: number): Controls => {
  const control = {
    kind: 'tenant' as const,
    name: `tenant-${version}`,
    paused: true,
    reason: 'why',
    changed_at_ms: version,
    changed_by: 'ops',
  };
  return {
    version,
    controls: [control],
    last_change: {
      version,
      at_ms: version,
      by: 'ops',
      kind: 'tenant',
      name: control.name,
      reason: 'why',
      before: null,
      after: control,
    },
  };
};

/** The store is one: these run in their order. */
export const describeControlStore = (name: string, open: () => Promise<Subject<ControlStore>>): void => {
  describe(`${name} as store of controls`, () => {
    let store: ControlStore;

    beforeAll(async () => {
      store = (await open()).port;
    });

    it('knows of nothing set at first', async () => {
      expect(await store.read()).toEqual(NO_CONTROLS);
      expect(await store.changes(100, 10)).toEqual([]);
    });

    it('takes the next version of what was seen', async () => {
      expect(await store.write(versionOf(1), NO_CONTROLS)).toBe(true);
      expect(await store.read()).toEqual(versionOf(1));
    });

    it('refuses what was made of a version that has gone', async () => {
      expect(await store.write(versionOf(1), NO_CONTROLS)).toBe(false);
      expect(await store.write({ ...versionOf(3), version: 3 }, versionOf(2))).toBe(false);
      expect(await store.read()).toEqual(versionOf(1));
    });

    it('keeps every change before the last, latest first, page by page', async () => {
      for (let version = 2; version <= 12; version += 1)
        expect(await store.write(versionOf(version), versionOf(version - 1))).toBe(true);
      const versions = async (before: number, most: number): Promise<readonly number[]> =>
        (await store.changes(before, most)).map(({ version }) => version);

      expect(await versions(12, 3)).toEqual([11, 10, 9]);
      expect(await versions(9, 3)).toEqual([8, 7, 6]);
      expect(await versions(3, 3)).toEqual([2, 1]);
      expect(await versions(1, 3)).toEqual([]);
      expect((await store.changes(2, 1))[0]).toEqual(versionOf(1).last_change);
    });
  });
};
