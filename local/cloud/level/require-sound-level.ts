import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { codeOf } from '../../user-error.ts';
import { DamagedDataError } from './damaged-data-error.ts';
import { findDamage } from './find-damage.ts';

/** What was written last, and which files there are. */
const LOGS = /^(\d+\.log|MANIFEST-\d+)$/;

const requireSoundLogs = async (directory: string, names: readonly string[]): Promise<void> => {
  for (const name of names.filter((one) => LOGS.test(one))) {
    const path = join(directory, name);
    const offset = findDamage(await readFile(path));
    if (offset !== undefined)
      throw new DamagedDataError(`${path} has bytes at ${offset} that were not written so`);
  }
};

/** Whoever opens it next might end with its process if that fails. */
const requireOpens = async (directory: string): Promise<void> => {
  const level = new ClassicLevel(directory);
  try {
    await level.open();
  } catch (error) {
    const { cause } = error as { readonly cause?: unknown };
    // In the hands of another process: that is told by whoever opens it.
    if (codeOf(cause) === 'LEVEL_LOCKED') throw error;
    throw new DamagedDataError(
      `${directory} cannot be opened (${String((cause as Error | undefined)?.message ?? error)})`,
    );
  }
  await level.close();
};

/** LevelDB begins anew where its `CURRENT` is missing, and leaves out what is damaged: neither without a word here. */
export const requireSoundLevel = async (directory: string): Promise<void> => {
  const names = await readdir(directory);
  if (names.length === 0) return;
  if (names.some((name) => LOGS.test(name)) && !names.includes('CURRENT'))
    throw new DamagedDataError(`${join(directory, 'CURRENT')} is missing`);
  await requireSoundLogs(directory, names);
  await requireOpens(directory);
};
