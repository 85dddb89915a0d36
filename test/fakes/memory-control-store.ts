import { type ControlChange, type Controls, NO_CONTROLS } from '../../shared/contract/controls.ts';
import type { ControlStore } from '../../shared/ports/control-store.ts';

export const createMemoryControlStore = (): ControlStore => {
  let now: Controls = NO_CONTROLS;
  const kept = new Map<number, ControlChange>();
  return {
    read: async () => structuredClone(now),
    write: async (next, seen) => {
      if (seen.last_change !== null) kept.set(seen.last_change.version, seen.last_change);
      if (now.version !== seen.version) return false;
      now = structuredClone(next);
      return true;
    },
    changes: async (beforeVersion, most) =>
      [...kept.values()]
        .filter(({ version }) => version < beforeVersion)
        .toSorted((a, b) => b.version - a.version)
        .slice(0, most),
  };
};
