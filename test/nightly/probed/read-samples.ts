import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessIds } from '../../../local/process-list.ts';
import type { Sample } from '../flat.ts';

export const GROWING_MEASURES = ['heap_mb', 'external_mb', 'anonymous_mb'] as const;
export type GrowingMeasure = (typeof GROWING_MEASURES)[number];
type Measure = GrowingMeasure | 'handles';

type ProbeLine = Readonly<Record<Measure | 'at_ms', number>>;

/** Of each role, what its process wrote down of itself. */
export type RoleSamples = Readonly<Record<string, readonly ProbeLine[]>>;

/** The last line of a process that was ended may be half of one. */
const linesOf = (text: string): readonly ProbeLine[] =>
  text
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as ProbeLine);

export const readSamples = async (folder: string, processes: ProcessIds): Promise<RoleSamples> => {
  const files = new Set(await readdir(folder));
  const samples = Object.entries(processes).map(async ([role, pid]) => {
    const name = `${pid}.jsonl`;
    return [role, files.has(name) ? linesOf(await readFile(join(folder, name), 'utf8')) : []] as const;
  });
  return Object.fromEntries(await Promise.all(samples));
};

export const seriesOf = (
  lines: readonly ProbeLine[],
  measure: Measure,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): readonly Sample[] =>
  lines
    .filter(({ at_ms }) => at_ms >= fromMs && at_ms <= toMs)
    .map((line) => ({ atMs: line.at_ms, value: line[measure] }));
