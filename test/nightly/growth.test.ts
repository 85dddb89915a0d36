import { growthFaults, handleFaults } from './probed/growth.ts';

const MINUTE_MS = 60_000;
const WINDOW = { fromMs: 0, toMs: 24 * MINUTE_MS };

/** A process looked at every ten seconds for 24 minutes, whose heap and handles grow evenly. */
const linesOf = (heapMb: number, handles: number) =>
  Array.from({ length: 144 }, (_, index) => ({
    at_ms: index * 10_000,
    heap_mb: 40 + (heapMb * index) / 143,
    external_mb: 5,
    anonymous_mb: 150,
    handles: 300 + Math.round((handles * index) / 143),
  }));

describe('what processes may grow by', () => {
  it('is next to nothing', () => {
    expect(growthFaults({ prioritization: linesOf(3, 50) }, WINDOW)).toEqual([]);
  });

  it.each(['prioritization', 'ingestion', 'parent'])('is no more than 4 MB of heap in %s', (role) => {
    expect(growthFaults({ [role]: linesOf(5, 0) }, WINDOW)).toEqual([
      `heap_mb of ${role} grew by 5.0, at most 4 are allowed.`,
    ]);
  });

  it('is more where a record is kept, and not without end', () => {
    expect(growthFaults({ simulator: linesOf(20, 0), cloud: linesOf(7, 0) }, WINDOW)).toEqual([]);
    expect(growthFaults({ simulator: linesOf(26, 0), cloud: linesOf(9, 0) }, WINDOW)).toHaveLength(2);
  });

  it('is not left open by a process that tells nothing', () => {
    expect(growthFaults({ query: [] }, WINDOW)).toHaveLength(3);
  });

  it('is 200 handles at rest', () => {
    expect(handleFaults({ query: linesOf(0, -200), ingestion: [] })).toEqual([]);
    expect(handleFaults({ query: linesOf(0, 0) })).toEqual([
      'query has 300 handles at rest, at most 200 are allowed.',
    ]);
  });
});
