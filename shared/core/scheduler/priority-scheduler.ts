import { PRIORITIES, type Priority } from '../../contract/priorities.ts';
import type { Schedulable, Scheduler } from './scheduler.ts';

/** Strict classes; within a class, first come first served. No fairness, no deadlines: the simplest that is right. */
export const createPriorityScheduler = <R extends Schedulable>(): Scheduler<R> => {
  const classes: Record<Priority, R[]> = { high: [], normal: [], low: [] };
  const paused = new Set<Priority>();
  const peek = (): R | undefined =>
    PRIORITIES.filter((priority) => !paused.has(priority))
      .map((priority) => classes[priority][0])
      .find((request) => request !== undefined);
  return {
    add: (request) => {
      classes[request.priority].push(request);
    },
    putBack: (request) => {
      classes[request.priority].unshift(request);
    },
    peek,
    pick: (_, fits) => {
      const request = peek();
      return request === undefined
        ? undefined
        : { request, as: request.priority, permission: fits(request, request.priority) };
    },
    remove: (request) => {
      const waiting = classes[request.priority];
      const index = waiting.indexOf(request);
      if (index >= 0) waiting.splice(index, 1);
    },
    settled: () => {},
    takeExpired: () => [],
    setPaused: (what, isPaused) => {
      if ('tenant' in what) return;
      if (isPaused) paused.add(what.priority);
      else paused.delete(what.priority);
    },
    staged: () => ({ high: classes.high.length, normal: classes.normal.length, low: classes.low.length }),
    drain: () => PRIORITIES.flatMap((priority) => classes[priority].splice(0)),
    snapshot: () => ({}),
  };
};
