import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type ProcessIds = Readonly<Record<string, number>>;

/** Which process does what now, by role; a file tells others, since one that is started again has another id. */
export interface ProcessList {
  add(role: string, pid: number): void;
  all(): ProcessIds;
}

export const createProcessList = (dataDir: string): ProcessList => {
  const path = join(dataDir, 'processes.json');
  let ids: ProcessIds = { parent: process.pid };
  return {
    add: (role, pid) => {
      ids = { ...ids, [role]: pid };
      // Whoever reads it sees the list before or after, never half of it.
      writeFileSync(`${path}.new`, `${JSON.stringify(ids)}\n`);
      renameSync(`${path}.new`, path);
    },
    all: () => ids,
  };
};
