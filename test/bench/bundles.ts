import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { bundleFunctions } from '../../stacks/lambda-bundle.ts';

export interface BundleMeasured {
  readonly function: string;
  readonly bytes: number;
  /** Until its handler is there, in a process that has read nothing before: the median of several. */
  readonly import_ms: number;
}

const PROJECT_ROOT = resolve(__dirname, '../..');
const IMPORTS = 9;
const IMPORT = `const startedAtMs = performance.now();
require(process.argv[1]);
process.stdout.write(String(performance.now() - startedAtMs));`;

const importMs = (file: string): number => Number(execFileSync(process.execPath, ['-e', IMPORT, file]));

const medianOf = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;

/** How large the functions are as they are deployed, and how long each takes to be imported. */
export const measureBundles = async (): Promise<readonly BundleMeasured[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'smoother-bundles-'));
  try {
    const bundles = await bundleFunctions(PROJECT_ROOT);
    return bundles
      .filter(({ file }) => file.endsWith('.js'))
      .map(({ file, contents }) => {
        const path = join(folder, file);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, contents);
        const times = Array.from({ length: IMPORTS }, () => importMs(path));
        const [, name = file] = file.split('/');
        return { function: name, bytes: contents.byteLength, import_ms: Math.round(medianOf(times)) };
      });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
