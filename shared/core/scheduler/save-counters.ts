import type { SchedulerSnapshot } from '../governor/governor.ts';

type Saved = readonly (readonly [string, number])[];

/** The snapshot of a pool has 4 KB for everything. */
const MOST_BYTES = 1400;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value)) + 1;

/**
 * As many counters as there is room for, the most recent of each class in turn. Who is left out begins again with
 * the tenants served least: nobody is ever worse off for it.
 */
export const saveCounters = (classes: readonly (readonly [string, Saved])[]): SchedulerSnapshot => {
  const saved: Record<string, (readonly [string, number])[]> = {};
  let bytes = classes.reduce((sum, [name]) => sum + bytesOf([name, []]), 0);
  const longest = Math.max(0, ...classes.map(([, counters]) => counters.length));
  for (let index = 0; index < longest; index++)
    for (const [name, counters] of classes) {
      const counter = counters[index];
      if (counter === undefined) continue;
      bytes += bytesOf(counter);
      if (bytes > MOST_BYTES) return saved;
      saved[name] = [...(saved[name] ?? []), counter];
    }
  return saved;
};
