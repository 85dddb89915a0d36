import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { FUNCTIONS, type FunctionName } from '../shared/contract/functions.ts';

/** One file to be written; `file` is relative to the output folder, with forward slashes. */
export interface Bundle {
  readonly file: string;
  readonly contents: Uint8Array;
}

/** The handler setting of every deployed function: file `index.js`, export `handler`. */
export const LAMBDA_HANDLER = 'index.handler';

// Object.keys forgets the key type of a constant.
const functionNames = (): FunctionName[] => Object.keys(FUNCTIONS) as FunctionName[];

const entryPoint = (name: FunctionName): string => `functions/${name}/handler.ts`;

// CommonJS, because the laptop, the tests and the published command run the same sources as CommonJS, and
// because bundled packages may still `require` Node's own modules, which needs a banner in an ES module.
// The SDK is bundled so that the lock file, not the Lambda runtime, says which version runs.
const LAMBDA_OPTIONS = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  // The ES module builds of the SDK, from which unused operations can be dropped.
  mainFields: ['module', 'main'],
  // Names and lines stay readable in stack traces.
  minifySyntax: true,
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'error',
} as const satisfies BuildOptions;

/** Bundles one source file, without writing it. The same sources give the same bytes in any folder. */
export const bundleEntryPoint = async (
  projectRoot: string,
  entry: string,
  file: string,
  options: BuildOptions,
): Promise<Bundle> => {
  const { outputFiles } = await build({
    ...options,
    absWorkingDir: projectRoot,
    entryPoints: [entry],
    outfile: file,
    write: false,
  });
  const [output] = outputFiles ?? [];
  if (output === undefined) throw new Error(`esbuild wrote nothing for ${entry}`);
  return { file, contents: output.contents };
};

/** Bundles the code of one Lambda function. */
export const bundleFunction = (projectRoot: string, name: FunctionName): Promise<Bundle> =>
  bundleEntryPoint(projectRoot, entryPoint(name), `functions/${name}/index.js`, LAMBDA_OPTIONS);

/** Bundles every function of this project that has a handler. */
export const bundleFunctions = (projectRoot: string): Promise<Bundle[]> =>
  Promise.all(
    functionNames()
      .filter((name) => existsSync(join(projectRoot, entryPoint(name))))
      .map((name) => bundleFunction(projectRoot, name)),
  );
