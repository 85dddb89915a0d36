import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { codeOf, UserError } from './user-error.ts';

/**
 * Who drains holds one of these until it is dead, however it dies: the lock is the kernel's. An earlier owner may
 * outlive its parent, stopped by a signal, and must not wake up to finish a claim that a new run takes for ended.
 */
export interface DrainLock {
  release(): Promise<void>;
}

const TRIES = 30;
const RETRY_MS = 100;

const pause = (durationMs: number): Promise<void> => new Promise((done) => setTimeout(done, durationMs));

const folderOf = (dataDir: string): string => join(dataDir, 'drains');
const pidFileOf = (path: string): string => `${path}.pid`;

const isLocked = (error: unknown): boolean =>
  codeOf((error as { readonly cause?: unknown }).cause) === 'LEVEL_LOCKED';

const tryToLock = async (path: string): Promise<DrainLock | undefined> => {
  for (let tries = 1; tries <= TRIES; tries++) {
    const level = new ClassicLevel(path);
    try {
      await level.open();
      await writeFile(pidFileOf(path), String(process.pid));
      return { release: () => level.close() };
    } catch (error) {
      if (!isLocked(error)) throw error;
      await pause(RETRY_MS);
    }
  }
  return undefined;
};

const readPid = async (path: string): Promise<number> => {
  try {
    return Number(await readFile(pidFileOf(path), 'utf8'));
  } catch {
    return 0;
  }
};

export const lockDrain = async (dataDir: string, name: string): Promise<DrainLock> => {
  await mkdir(folderOf(dataDir), { recursive: true });
  const path = join(folderOf(dataDir), name);
  const lock = await tryToLock(path);
  if (lock === undefined) throw new Error(`process ${await readPid(path)} still drains as ${name}`);
  return lock;
};

/** An orphan that does not end by itself is stopped; nobody waits for its calls any more. */
const endHolder = async (path: string): Promise<void> => {
  const held = await tryToLock(path);
  if (held !== undefined) return held.release();
  const pid = await readPid(path);
  if (pid > 0) process.kill(pid, 'SIGKILL');
  const freed = await tryToLock(path);
  if (freed === undefined)
    throw new UserError(`The process ${pid} of an earlier run still uses ${path}; end it, then start again.`);
  return freed.release();
};

/** Comes back once no drain of an earlier run is alive. The caller holds the lock of the data folder. */
export const endEarlierDrains = async (dataDir: string): Promise<void> => {
  await mkdir(folderOf(dataDir), { recursive: true });
  const names = (await readdir(folderOf(dataDir))).filter((name) => !name.endsWith('.pid'));
  await Promise.all(names.map((name) => endHolder(join(folderOf(dataDir), name))));
};
