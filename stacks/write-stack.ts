import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeArchives } from './lambda-archive.ts';
import type { DeployableSettings } from './settings.ts';
import { synthesize } from './synthesize.ts';

export interface WriteOptions {
  readonly projectRoot: string;
  readonly settings: DeployableSettings;
  readonly isEmptied?: boolean;
  /** Otherwise the one that cdktf chooses. */
  readonly outdir?: string;
}

/** Bundles the functions, writes the stack, and answers with its folder. */
export const writeStack = async ({ projectRoot, ...options }: WriteOptions): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'smoother-'));
  try {
    return synthesize({ ...options, archives: await writeArchives(projectRoot, folder) });
  } finally {
    rmSync(folder, { recursive: true });
  }
};
