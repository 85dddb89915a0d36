import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
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

/** Lambda hands out credentials as variables, which the SDK looks at first: what asks elsewhere is never loaded. */
const OTHER_CREDENTIALS = ['ini', 'process', 'sso', 'web-identity'].map(
  (source) => `@aws-sdk/credential-provider-${source}`,
);

/** Zod's faults in fifty languages, of which ours is English; zod's index exports all of them. */
const englishOnly: Plugin = {
  name: 'english-only',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
      loader: 'js',
    }));
  },
};

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
  external: OTHER_CREDENTIALS,
  plugins: [englishOnly],
  // A cold start reads and parses all of it. `npm run build` writes the maps that tell names and lines of a stack trace.
  minify: true,
  sourcemap: 'external',
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'error',
} satisfies BuildOptions;

/** Bundles one source file, without writing it. The same sources give the same bytes in any folder. */
export const bundleEntryPoint = async (
  projectRoot: string,
  entry: string,
  file: string,
  options: BuildOptions,
): Promise<Bundle & { readonly map?: Bundle }> => {
  const { outputFiles } = await build({
    ...options,
    absWorkingDir: projectRoot,
    entryPoints: [entry],
    outfile: file,
    write: false,
  });
  const output = outputFiles?.find(({ path }) => path.endsWith('.js'));
  const map = outputFiles?.find(({ path }) => path.endsWith('.map'));
  if (output === undefined) throw new Error(`esbuild wrote nothing for ${entry}`);
  return {
    file,
    contents: output.contents,
    ...(map === undefined ? {} : { map: { file: `${file}.map`, contents: map.contents } }),
  };
};

/** Bundles the code of one Lambda function. */
export const bundleFunction = (projectRoot: string, name: FunctionName) =>
  bundleEntryPoint(projectRoot, entryPoint(name), `functions/${name}/index.js`, LAMBDA_OPTIONS);

/** Bundles every function of this project that has a handler, each followed by its map. */
export const bundleFunctions = async (projectRoot: string): Promise<Bundle[]> => {
  const built = await Promise.all(
    functionNames()
      .filter((name) => existsSync(join(projectRoot, entryPoint(name))))
      .map((name) => bundleFunction(projectRoot, name)),
  );
  return built.flatMap(({ map, ...bundle }) => (map === undefined ? [bundle] : [bundle, map]));
};
