import type { BatchDefaults } from '../../contract/batch-item.ts';
import type { Problem } from '../../contract/problem.ts';
import type { Settings } from '../../contract/settings.ts';
import { findPool } from '../../core/pool-names.ts';
import { type BacklogDeps, readBacklog } from '../accept/back-pressure.ts';

/** Of a batch that is yet to be uploaded only this is known: what it says for requests that say nothing. */
export const lowByDefault = (defaults: BatchDefaults, settings: Settings): ReadonlyMap<string, number> => {
  const pool = defaults.priority === 'low' ? findPool(settings, defaults.model)?.name : undefined;
  return new Map(pool === undefined ? [] : [[pool, 1]]);
};

/** Why a batch is not taken, if the last of its low requests would wait too long: it is accepted whole or not at all. */
export const batchBacklog = async (
  low: ReadonlyMap<string, number>,
  deps: BacklogDeps,
): Promise<Problem | undefined> => {
  for (const [pool, requests] of low) {
    const problem = await readBacklog({ pool, requests }, deps);
    if (problem !== undefined) return problem;
  }
  return undefined;
};
