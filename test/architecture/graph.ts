import { posix } from 'node:path';
import type { Metafile } from 'esbuild';

/** An import: of a project file (inside) or of a package, whose specifier is then kept as written. */
export interface ImportEdge {
  readonly importer: string;
  readonly imported: string;
  readonly inside: boolean;
}

/** Paths are relative to the project and use forward slashes. */
export interface ModuleGraph {
  readonly files: readonly string[];
  readonly edges: readonly ImportEdge[];
}

export type Sources = ReadonlyMap<string, string>;

// Anchored to the line's start so that examples in block comments do not count. This scan exists for type
// imports, which a bundler erases; it sees the others as well, and merging makes them one edge.
const IMPORT_STATEMENT = /^[ \t]*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"\n]+)['"]/gm;
const IMPORT_TYPE = /\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/g;

/** Every specifier imported by a source, type imports included. */
export const importedSpecifiers = (source: string): string[] =>
  [IMPORT_STATEMENT, IMPORT_TYPE].flatMap((pattern) =>
    [...source.matchAll(pattern)].flatMap((match) => (match[1] === undefined ? [] : [match[1]])),
  );

const edgeFromSpecifier = (importer: string, specifier: string, files: Sources): ImportEdge => {
  if (!specifier.startsWith('.')) return { importer, imported: specifier, inside: false };
  const path = posix.normalize(posix.join(posix.dirname(importer), specifier));
  const imported = files.has(`${path}.ts`) ? `${path}.ts` : path;
  return { importer, imported, inside: true };
};

const textualEdges = (sources: Sources): ImportEdge[] =>
  [...sources].flatMap(([file, source]) =>
    importedSpecifiers(source).map((specifier) => edgeFromSpecifier(file, specifier, sources)),
  );

const bundledEdges = (metafile: Metafile): ImportEdge[] =>
  Object.entries(metafile.inputs).flatMap(([importer, input]) =>
    input.imports.map(({ path, external }) => ({ importer, imported: path, inside: external !== true })),
  );

const withoutRepeats = (edges: readonly ImportEdge[]): ImportEdge[] => [
  ...new Map(edges.map((edge) => [`${edge.importer}\n${edge.imported}`, edge])).values(),
];

/** Joins what the bundler resolved with what only the sources say. */
export const toModuleGraph = (metafile: Metafile, sources: Sources): ModuleGraph => ({
  files: [...new Set([...Object.keys(metafile.inputs), ...sources.keys()])].sort(),
  edges: withoutRepeats([...bundledEdges(metafile), ...textualEdges(sources)]),
});
