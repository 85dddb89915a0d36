import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleClient } from './client-bundle.ts';
import { bundleCommand } from './command-bundle.ts';
import { type Bundle, bundleFunctions } from './lambda-bundle.ts';

const PROJECT_ROOT = resolve(__dirname, '..');

interface BuildArguments {
  readonly json: boolean;
  /** A folder to write to instead of `dist`. Nothing is removed from it. */
  readonly outDir: string | undefined;
}

/** `npm run build -- [--out-dir DIR] [--json]` */
const parseArguments = (): BuildArguments => {
  const { values } = parseArgs({ options: { 'out-dir': { type: 'string' }, json: { type: 'boolean' } } });
  return { outDir: values['out-dir'], json: values.json ?? false };
};

const emptyDist = (): string => {
  const dist = join(PROJECT_ROOT, 'dist');
  rmSync(dist, { recursive: true, force: true });
  return dist;
};

const writeBundle = (outDir: string, { file, contents }: Bundle): void => {
  const path = join(outDir, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
  if (file.startsWith('cli/')) chmodSync(path, 0o755);
};

const toTable = (bundles: readonly Bundle[]): string =>
  bundles
    .map(({ file, contents }) => `${contents.byteLength.toLocaleString('en').padStart(12)} bytes  ${file}`)
    .join('\n');

const toJson = (bundles: readonly Bundle[]): string =>
  JSON.stringify(bundles.map(({ file, contents }) => ({ file, bytes: contents.byteLength })));

const runBuild = async ({ outDir, json }: BuildArguments): Promise<void> => {
  const bundles = [
    ...(await bundleFunctions(PROJECT_ROOT)),
    ...(await bundleCommand(PROJECT_ROOT)),
    ...(await bundleClient(PROJECT_ROOT)),
  ];
  const target = outDir === undefined ? emptyDist() : resolve(outDir);
  for (const bundle of bundles) writeBundle(target, bundle);
  console.log(json ? toJson(bundles) : toTable(bundles));
};

Promise.resolve()
  .then(parseArguments)
  .then(runBuild)
  .catch((error: unknown) => {
    console.error(`The build failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
