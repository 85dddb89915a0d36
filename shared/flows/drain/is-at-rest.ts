import { workQueuesOf } from '../../contract/names.ts';
import type { DrainDeps } from './drain-deps.ts';

/**
 * Whether there is nothing in any queue of a pool, hidden or not: then nobody has anything to do, an owner neither. Only
 * counted, so that a minute's look at a pool that sleeps takes no lease and costs next to nothing. Counts of SQS may be
 * late by a minute, and so may be what nobody was woken for.
 */
export const isAtRest = async (pool: string, { queues }: Pick<DrainDeps, 'queues'>): Promise<boolean> => {
  const depths = await Promise.all(workQueuesOf(pool).map((queue) => queues.depth(queue, 'all')));
  return depths.every((depth) => depth === 0);
};
