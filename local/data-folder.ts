import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { codeOf, UserError } from './user-error.ts';

export interface DataFolder {
  readonly path: string;
  readonly logs: string;
  /** Lets another process in. */
  unlock(): Promise<void>;
}

/** A process that was killed takes its child with it within this time. */
const LOCK_TRIES = 30;
const LOCK_RETRY_MS = 100;

const pause = (durationMs: number): Promise<void> => new Promise((done) => setTimeout(done, durationMs));

const isLocked = (error: unknown): boolean =>
  codeOf((error as { readonly cause?: unknown }).cause) === 'LEVEL_LOCKED';

const ownerOf = async (path: string): Promise<string> => {
  try {
    return ` (process ${(await readFile(join(path, 'pid'), 'utf8')).trim()})`;
  } catch {
    return '';
  }
};

/** LevelDB's own lock is the kernel's: it ends with the process, however that dies. */
const lock = async (path: string): Promise<ClassicLevel> => {
  for (let tries = 1; ; tries++) {
    const level = new ClassicLevel(join(path, 'lock'));
    try {
      await level.open();
      return level;
    } catch (error) {
      if (!isLocked(error)) throw error;
      if (tries >= LOCK_TRIES)
        throw new UserError(
          `The data folder ${path} is in use by another smoother${await ownerOf(path)}; stop it, or choose another with --data.`,
        );
      await pause(LOCK_RETRY_MS);
    }
  }
};

const cannotUse = (path: string, error: unknown): UserError =>
  new UserError(`The data folder ${path} cannot be used: ${(error as Error).message}.`);

/** What is ours in the folder; `--reset` removes nothing else. */
const OWN_PARTS = ['cloud', 'logs', 'pid', 'processes.json', 'runs'];
/** Tells a folder of ours from one that somebody else keeps things in. */
const MARKER = 'smoother-data.json';

/** Like `mkdir -p`, which in Node never comes back from a place such as `/proc`. */
const makeFolder = async (path: string): Promise<void> => {
  try {
    await mkdir(path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (codeOf(error) !== 'ENOENT' || existsSync(dirname(path))) throw error;
    await makeFolder(dirname(path));
    await mkdir(path);
  }
};

const claimFolder = async (path: string): Promise<void> => {
  await makeFolder(path);
  if (existsSync(join(path, MARKER))) return;
  if ((await readdir(path)).length > 0)
    throw new UserError(
      `The data folder ${path} holds files that are not smoother's; name an empty or a new folder with --data.`,
    );
  await writeFile(join(path, MARKER), `${JSON.stringify({ format: 1 })}\n`);
};

/** Makes and locks the folder that holds all state of a local run. */
export const openDataFolder = async (
  path: string,
  options: { readonly reset: boolean },
): Promise<DataFolder> => {
  const folder = resolve(path);
  const logs = join(folder, 'logs');
  try {
    await claimFolder(folder);
    const level = await lock(folder);
    if (options.reset)
      for (const part of OWN_PARTS) await rm(join(folder, part), { recursive: true, force: true });
    await mkdir(logs, { recursive: true });
    await writeFile(join(folder, 'pid'), `${process.pid}\n`);
    return { path: folder, logs, unlock: () => level.close() };
  } catch (error) {
    throw error instanceof UserError ? error : cannotUse(folder, error);
  }
};
