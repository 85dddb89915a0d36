import { PRIORITIES, type Priority } from '../contract/priorities.ts';

export interface Schedulable {
  readonly id: string;
  readonly priority: Priority;
}

/** Which waiting request is next. Time is passed in; nothing here waits. */
export interface Scheduler<R extends Schedulable> {
  add(request: R, nowMs: number): void;
  /** Before all others of its class: it has waited its turn already. */
  putBack(request: R, nowMs: number): void;
  peek(nowMs: number): R | undefined;
  remove(request: R): void;
  staged(): Readonly<Record<Priority, number>>;
  /** Everything that waits, leaving nothing behind. */
  drain(): readonly R[];
}

/** Strict classes; within a class, first come first served. */
export const createPriorityScheduler = <R extends Schedulable>(): Scheduler<R> => {
  const classes: Record<Priority, R[]> = { high: [], normal: [], low: [] };
  return {
    add: (request) => {
      classes[request.priority].push(request);
    },
    putBack: (request) => {
      classes[request.priority].unshift(request);
    },
    peek: () => PRIORITIES.map((priority) => classes[priority][0]).find((request) => request !== undefined),
    remove: (request) => {
      const waiting = classes[request.priority];
      const index = waiting.indexOf(request);
      if (index >= 0) waiting.splice(index, 1);
    },
    staged: () => ({ high: classes.high.length, normal: classes.normal.length, low: classes.low.length }),
    drain: () => PRIORITIES.flatMap((priority) => classes[priority].splice(0)),
  };
};
