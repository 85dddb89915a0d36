import type { Completions } from '../ports/completions.ts';

/** For a process in which requests both end and are waited for. */
export const createProcessCompletions = (): Completions => {
  const listeners: ((requestIds: readonly string[]) => void)[] = [];
  return {
    ended: (requestIds) => {
      for (const listener of listeners) listener(requestIds);
    },
    onEnded: (listener) => {
      listeners.push(listener);
    },
  };
};
