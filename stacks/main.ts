import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findFaults } from './find-faults.ts';
import { writeArchives } from './lambda-archive.ts';
import { type DeployableSettings, type ReadSettings, readSettings } from './settings.ts';
import { synthesize } from './synthesize.ts';

const PROJECT_ROOT = resolve(__dirname, '..');

type ParsedArguments =
  | { readonly ok: true; readonly overrides: readonly string[] }
  | { readonly ok: false; readonly faults: readonly string[] };

/** `npm run synth -- [--context NAME=JSON]…` */
const parseArguments = (): ParsedArguments => {
  try {
    const { values } = parseArgs({ options: { context: { type: 'string', multiple: true } } });
    return { ok: true, overrides: values.context ?? [] };
  } catch (error) {
    return { ok: false, faults: [(error as Error).message] };
  }
};

const readDeployment = (): ReadSettings => {
  const parsed = parseArguments();
  if (!parsed.ok) return parsed;
  const read = readSettings(PROJECT_ROOT, parsed.overrides);
  if (!read.ok) return read;
  const faults = findFaults(read.settings);
  return faults.length === 0 ? read : { ok: false, faults };
};

const writeStack = async (settings: DeployableSettings): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'smoother-'));
  try {
    const archives = await writeArchives(PROJECT_ROOT, folder);
    console.log(`The stack is in ${synthesize({ settings, archives })}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const main = async (): Promise<void> => {
  const read = readDeployment();
  if (read.ok) return writeStack(read.settings);
  for (const fault of read.faults) console.error(fault);
  process.exitCode = 2;
};

main().catch((error: unknown) => {
  console.error(`The synthesis failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
