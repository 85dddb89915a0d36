import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { build, transform } from 'esbuild';
import { type ModuleGraph, type Sources, toModuleGraph } from './graph.ts';

export interface Project {
  readonly graph: ModuleGraph;
  /** Sources with types and comments erased. */
  readonly bareSources: Sources;
}

const isSource = (path: string): boolean => /\.[cm]?tsx?$/.test(path) && !path.endsWith('.d.ts');

const filesUnder = (root: string, folder: string): string[] => {
  // A room that nobody has moved into yet is no fault.
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.split(sep).join('/')}`)
    .filter(isSource);
};

/** What is left of a source for the rules about words. */
export const withoutComments = async (source: string): Promise<string> =>
  (await transform(source, { loader: 'ts', legalComments: 'none' })).code;

/** Reads and resolves every source file of the given folders. */
export const readProject = async (root: string, folders: readonly string[]): Promise<Project> => {
  const files = folders.flatMap((folder) => filesUnder(root, folder)).sort();
  const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  const bare = await Promise.all(
    [...sources].map(async ([file, source]) => [file, await withoutComments(source)] as const),
  );
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: files,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outdir: 'unwritten',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return { graph: toModuleGraph(metafile, sources), bareSources: new Map(bare) };
};
