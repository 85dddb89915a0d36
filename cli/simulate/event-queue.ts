import { createBinaryHeap } from '../../shared/core/binary-heap.ts';

/** Virtual time: it jumps from one event to the next. */
export interface EventQueue {
  nowMs(): number;
  /** Never before now; events of one moment run in the order in which they were asked for. */
  at(atMs: number, run: () => void): void;
  /** Runs the next one; false when there is none until then. */
  step(untilMs: number): boolean;
  /** Until it is done, or so long. */
  run(untilMs: number, isDone: () => boolean): void;
}

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

export const createEventQueue = (startMs: number): EventQueue => {
  const events = createBinaryHeap<Event>(
    (one, other) => one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order),
  );
  let nowMs = startMs;
  let order = 0;
  const step = (untilMs: number): boolean => {
    const next = events.peek();
    if (next === undefined || next.atMs > untilMs) return false;
    events.pop();
    nowMs = next.atMs;
    next.run();
    return true;
  };
  return {
    nowMs: () => nowMs,
    at: (atMs, run) => {
      order += 1;
      events.push({ atMs: Math.max(atMs, nowMs), order, run });
    },
    step,
    run: (untilMs, isDone) => {
      while (!isDone() && step(untilMs));
    },
  };
};
