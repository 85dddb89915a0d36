import { dirname, join, relative } from 'node:path';
import type { BuildOptions } from 'esbuild';
import ts from 'typescript';
import { type Bundle, bundleEntryPoint } from './lambda-bundle.ts';

const CLIENT = 'cli/client/smoother.ts';

const CLIENT_OPTIONS = {
  bundle: true,
  platform: 'neutral',
  // The oldest Node that package.json allows; browsers of the same time.
  target: 'es2022',
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'error',
} as const satisfies BuildOptions;

const TYPE_OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  types: ['node'],
  module: ts.ModuleKind.Preserve,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  declaration: true,
  emitDeclarationOnly: true,
};

/** Sources import each other by `.ts`; declarations are found beside modules of `.js`. */
const toDeclaredImports = (text: string): string =>
  text.replaceAll(/(['"])(\.{1,2}\/[^'"]+)\.ts\1/g, '$1$2.js$1');

/** The declarations of the client and of the contract that it speaks of, in their folders. */
const declareClient = (projectRoot: string): readonly Bundle[] => {
  const entry = join(projectRoot, CLIENT);
  const program = ts.createProgram([entry], { ...TYPE_OPTIONS, rootDir: projectRoot, outDir: projectRoot });
  const declarations: Bundle[] = [];
  program.emit(undefined, (path, text) => {
    const file = join('client/types', relative(projectRoot, path));
    declarations.push({ file, contents: Buffer.from(toDeclaredImports(text)) });
  });
  return declarations.sort((one, other) => (one.file < other.file ? -1 : 1));
};

const bundleAs = async (projectRoot: string, format: 'cjs' | 'esm', file: string): Promise<Bundle> => {
  const options = { ...CLIENT_OPTIONS, format };
  const { contents } = await bundleEntryPoint(
    projectRoot,
    CLIENT,
    join(dirname(file), 'smoother.js'),
    options,
  );
  return { file, contents };
};

/** Bundles the TypeScript client, which depends on nothing, for both kinds of modules, with its types. */
export const bundleClient = async (projectRoot: string): Promise<Bundle[]> => [
  await bundleAs(projectRoot, 'esm', 'client/smoother.mjs'),
  await bundleAs(projectRoot, 'cjs', 'client/smoother.cjs'),
  ...declareClient(projectRoot),
];
