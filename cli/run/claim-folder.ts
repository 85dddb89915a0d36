import { existsSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf, UserError } from '../../local/user-error.ts';
import type { ModelService } from './model-service.ts';
import { hasWrittenTo, type RunName, readRunState } from './run-journal.ts';

const markerOf = (dataDir: string): string => join(dataDir, 'runs', 'model-service');

const kindIn = (dataDir: string): string | undefined => {
  try {
    return readFileSync(markerOf(dataDir), 'utf8').trim();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    // A folder of `smoother start` is that of its simulator.
    return existsSync(join(dataDir, 'cloud')) ? 'simulator' : undefined;
  }
};

/** What waits in a folder would be sent to whoever answers now: one kind of service only, so that nothing is paid by mistake. */
export const checkFolder = (dataDir: string, { kind }: ModelService): void => {
  const known = kindIn(dataDir);
  const isFree = (name: string): boolean => name === 'simulator' || name === 'given';
  if (known === undefined || known === kind || (isFree(known) && isFree(kind))) return;
  throw new UserError(
    `The data folder ${dataDir} belongs to runs of the model service ${known}: what waits in it would be sent to ${kind}. Name another with --data, or begin anew with --reset.`,
  );
};

/** Once the folder is locked. */
export const markFolder = (dataDir: string, { kind }: ModelService): void => {
  const path = markerOf(dataDir);
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${kind}\n`);
};

const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

/** Whether both are one file, however they are written. */
export const isSameFile = (one: string, other: string): boolean =>
  existsSync(one) && existsSync(other) && realpathSync(one) === realpathSync(other);

/**
 * Nobody's file is written over: it is empty, or this very run has begun it. A run that was killed at its first result has
 * begun it without having noted so.
 */
export const checkOutFile = (name: RunName, isReset: boolean, nowMs: number): void => {
  const { out, dataDir } = name;
  if (out === null) return;
  if (!existsSync(dirname(out))) throw new UserError(`The folder of ${out} does not exist; make it first.`);
  if (existsSync(out) && statSync(out).isDirectory())
    throw new UserError(`${out} is a folder; name a file in it with --out.`);
  if (sizeOf(out) === 0) return;
  const isOurs = isReset ? hasWrittenTo(dataDir, out) : readRunState(name, nowMs).hasBegun;
  if (!isOurs)
    throw new UserError(
      `${out} holds something else than results of this run. Remove it, or name another file with --out.`,
    );
};

/** Whether everything lies in the out file already. */
export const isAllWritten = (name: RunName, nowMs: number) => {
  const { ended, outBytes } = readRunState(name, nowMs);
  return name.out !== null && ended !== undefined && sizeOf(name.out) >= outBytes ? ended : undefined;
};
