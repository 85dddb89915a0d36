import { findFaults } from './find-faults.ts';
import { type ReadSettings, readSettings } from './settings.ts';

/** Settings that AWS would take, or every fault in them. */
export const readDeployment = (projectRoot: string, overrides: readonly string[]): ReadSettings => {
  const read = readSettings(projectRoot, overrides);
  if (!read.ok) return read;
  const faults = findFaults(read.settings);
  return faults.length === 0 ? read : { ok: false, faults };
};
