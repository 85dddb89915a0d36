import { createBinaryHeap } from '../../shared/core/binary-heap.ts';

/** Virtual time: it jumps from one event to the next. */
export interface EventQueue {
  nowMs(): number;
  /** Never before now; events of one moment run in the order in which they were asked for. */
  at(atMs: number, run: () => void): void;
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
  return {
    nowMs: () => nowMs,
    at: (atMs, run) => {
      order += 1;
      events.push({ atMs: Math.max(atMs, nowMs), order, run });
    },
    run: (untilMs, isDone) => {
      while (!isDone()) {
        const next = events.peek();
        if (next === undefined || next.atMs > untilMs) return;
        events.pop();
        nowMs = next.atMs;
        next.run();
      }
    },
  };
};
