import type { ModuleGraph } from './graph.ts';

const neighbours = (graph: ModuleGraph): Map<string, string[]> => {
  const next = new Map<string, string[]>();
  for (const { importer, imported, inside } of graph.edges) {
    if (inside) next.set(importer, [...(next.get(importer) ?? []), imported].sort());
  }
  return next;
};

/** One sentence for each import that closes a circle, with the whole way round. */
export const importCycles = (graph: ModuleGraph): string[] => {
  const next = neighbours(graph);
  const finished = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, way: readonly string[]): void => {
    const start = way.indexOf(file);
    if (start >= 0) {
      cycles.push(`import cycle: ${[...way.slice(start), file].join(' → ')}`);
      return;
    }
    if (finished.has(file)) return;
    for (const imported of next.get(file) ?? []) visit(imported, [...way, file]);
    finished.add(file);
  };
  for (const file of [...next.keys()].sort()) visit(file, []);
  return cycles;
};
