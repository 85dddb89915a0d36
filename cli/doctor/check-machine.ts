import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { codeOf } from '../../local/user-error.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

const MEGABYTE = 1024 * 1024;
/** A run of 10,000 requests writes some tens of megabytes. */
const LITTLE_BYTES = 1024 * MEGABYTE;
const TOO_LITTLE_BYTES = 100 * MEGABYTE;

export const judgeNode = (version: string, engines: string): Finding => {
  const wanted = Number(/\d+/.exec(engines)?.[0]);
  const found = Number(/\d+/.exec(version)?.[0]);
  return found >= wanted
    ? ok('node', version)
    : failed('node', `${version} is too old`, `Install Node ${wanted} or newer.`);
};

const nearestFolder = (path: string): string => (existsSync(path) ? path : nearestFolder(dirname(path)));

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
};

const runningIn = (path: string): number | undefined => {
  const file = join(path, 'pid');
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, 'utf8').trim());
  return pid > 0 && isAlive(pid) ? pid : undefined;
};

export const judgeSpace = (path: string, freeBytes: number): Finding => {
  const free = `${Math.floor(freeBytes / MEGABYTE).toLocaleString('en-US')} MB free`;
  if (freeBytes < TOO_LITTLE_BYTES)
    return failed('data folder', `${path}: ${free}`, 'Make room, or name a folder elsewhere with --data.');
  if (freeBytes < LITTLE_BYTES)
    return warning('data folder', `${path}: ${free}`, 'Enough for small runs; large ones need more room.');
  return ok('data folder', `${path}: ${free}`);
};

export const checkDataFolder = (dataDir: string): Finding => {
  const path = resolve(dataDir);
  const nearest = nearestFolder(path);
  try {
    accessSync(nearest, constants.W_OK);
  } catch {
    return failed(
      'data folder',
      `${nearest} cannot be written to`,
      'Name another with --data, or change its rights.',
    );
  }
  const pid = runningIn(path);
  if (pid !== undefined) return ok('data folder', `${path} is in use by process ${pid}`);
  const { bavail, bsize } = statfsSync(nearest);
  return judgeSpace(path, bavail * bsize);
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((settle) => {
    const server = createServer();
    server.once('error', () => settle(false));
    server.listen(port, '127.0.0.1', () => server.close(() => settle(true)));
  });

export interface NamedPort {
  readonly port: number;
  readonly option: string;
}

/** Those that `npm start` takes unless it is told others. */
export const checkPorts = async (ports: readonly NamedPort[]): Promise<Finding> => {
  const looked = await Promise.all(
    ports.map(async (named) => ({ ...named, free: await isFree(named.port) })),
  );
  const taken = looked.filter(({ free }) => !free);
  const list = (some: readonly NamedPort[]): string => some.map(({ port }) => port).join(', ');
  if (taken.length === 0) return ok('ports', `${list(ports)} are free`);
  return warning(
    'ports',
    `${list(taken)} taken by another program`,
    `Stop it, or start with ${taken.map(({ option }) => `${option} N`).join(' and ')}; \`smoother run\` takes free ones by itself.`,
  );
};
