import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { importCycles } from './cycles.ts';
import type { ModuleGraph, Sources } from './graph.ts';
import type { PackageRule, Room, SpecifierRule, TextRule } from './rules.ts';

export interface Rules {
  readonly rooms: readonly Room[];
  readonly packages: readonly PackageRule[];
  readonly specifiers: readonly SpecifierRule[];
  readonly texts: readonly TextRule[];
}

interface Place {
  readonly room: Room;
  readonly folder: string;
}

const placeOf = (file: string, rooms: readonly Room[]): Place | undefined => {
  for (const room of rooms) {
    const folder = room.folder.exec(file)?.[0];
    if (folder !== undefined) return { room, folder };
  }
  return undefined;
};

const allowance = ({ name, mayImport }: Room): string =>
  `${name} may import ${mayImport.length === 0 ? 'nothing outside itself' : mayImport.join(', ')}`;

/** Files outside every room: no rule would watch over them. */
export const homelessFiles = (graph: ModuleGraph, rooms: readonly Room[]): string[] =>
  graph.files
    .filter((file) => placeOf(file, rooms) === undefined)
    .map((file) => `${file} is in no room: move it into one, or add the room to the rules`);

/** Imports against the direction of the rooms. */
export const wrongDirections = (graph: ModuleGraph, rooms: readonly Room[]): string[] =>
  graph.edges.flatMap(({ importer, imported, inside }) => {
    const from = placeOf(importer, rooms);
    const to = placeOf(imported, rooms);
    if (!inside || from === undefined || from.folder === to?.folder) return [];
    if (to !== undefined && from.room.mayImport.includes(to.room.name)) return [];
    return [`${importer} imports ${imported}: ${allowance(from.room)}`];
  });

/** Packages imported where they are not wanted. */
export const wrongPackages = (graph: ModuleGraph, rules: readonly PackageRule[]): string[] =>
  rules.flatMap(({ packages, onlyIn, remedy }) =>
    graph.edges
      .filter(
        ({ inside, imported, importer }) => !inside && packages.test(imported) && !onlyIn.test(importer),
      )
      .map(({ importer, imported }) => `${importer} imports ${imported}: ${remedy}`),
  );

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Packages that only happen to be there, because another brought them along. */
export const undeclaredPackages = (graph: ModuleGraph, declared: ReadonlySet<string>): string[] =>
  graph.edges
    .filter(({ inside, imported }) => !inside && !isBuiltin(imported) && !declared.has(packageOf(imported)))
    .map(
      ({ importer, imported }) =>
        `${importer} imports ${imported}: name ${packageOf(imported)} in package.json, or do without`,
    );

/** Packages imported by the wrong door. */
export const wrongSpecifiers = (graph: ModuleGraph, rules: readonly SpecifierRule[]): string[] =>
  rules.flatMap(({ packages, allowed, remedy }) =>
    graph.edges
      .filter(({ inside, imported }) => !inside && packages.test(imported) && !allowed.test(imported))
      .map(({ importer, imported }) => `${importer} imports ${imported}: ${remedy}`),
  );

/** Files that would only hand on what others export. */
export const barrelFiles = (graph: ModuleGraph): string[] =>
  graph.files
    .filter((file) => /^index\.[cm]?[jt]sx?$/.test(posix.basename(file)))
    .map((file) => `${file} is a barrel file: name the file for its one main export and import it directly`);

/** Words where they may not be. The sources must come without comments. */
export const wrongTexts = (sources: Sources, rules: readonly TextRule[]): string[] =>
  rules.flatMap(({ what, patterns, onlyIn, remedy }) =>
    [...sources]
      .filter(([file, source]) => !onlyIn.test(file) && patterns.some((pattern) => pattern.test(source)))
      .map(([file]) => `${file} ${what}: ${remedy}`),
  );

/** Every fault found, as sentences that name the file and the remedy. */
export const findViolations = (graph: ModuleGraph, bareSources: Sources, rules: Rules): string[] => [
  ...homelessFiles(graph, rules.rooms),
  ...wrongDirections(graph, rules.rooms),
  ...wrongPackages(graph, rules.packages),
  ...wrongSpecifiers(graph, rules.specifiers),
  ...barrelFiles(graph),
  ...importCycles(graph),
  ...wrongTexts(bareSources, rules.texts),
];
