import { createBinaryHeap } from '../binary-heap.ts';
import type { WaitingEntry } from './waiting-entry.ts';

/** A heap whose entries may go while they are in the middle of it. */
export interface WaitingHeap<R> {
  push(entry: WaitingEntry<R>): void;
  pop(): WaitingEntry<R> | undefined;
  /** The first that has not gone. */
  peek(): WaitingEntry<R> | undefined;
  /** One that may be in here has gone. */
  oneGone(): void;
  waiting(): readonly WaitingEntry<R>[];
  /** In memory, with those that have gone: at most twice as many as wait, and 64. */
  size(): number;
}

/** So many gone ones are never worth a rebuild. */
const GONE_ANYWAY = 32;

export const createWaitingHeap = <R>(
  isBefore: (one: WaitingEntry<R>, other: WaitingEntry<R>) => boolean,
): WaitingHeap<R> => {
  let heap = createBinaryHeap(isBefore);
  let gone = 0;

  const waiting = (): readonly WaitingEntry<R>[] => heap.items().filter(({ isGone }) => !isGone);

  const rebuild = (): void => {
    const entries = waiting();
    heap = createBinaryHeap(isBefore);
    for (const entry of entries) heap.push(entry);
    gone = 0;
  };

  return {
    push: (entry) => heap.push(entry),
    pop: () => heap.pop(),
    peek: () => {
      for (;;) {
        const entry = heap.peek();
        if (entry === undefined || !entry.isGone) return entry;
        heap.pop();
      }
    },
    oneGone: () => {
      gone += 1;
      // Each rebuild is paid for by as many that have gone: an entry holds its prompt, and must not stay behind.
      if (gone > heap.size() / 2 + GONE_ANYWAY) rebuild();
    },
    waiting,
    size: () => heap.size(),
  };
};
