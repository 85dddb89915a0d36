import type { AnswerStore, KnownAnswer } from '../../shared/ports/answer-store.ts';

export const createMemoryAnswerStore = (): AnswerStore => {
  const answers = new Map<string, KnownAnswer>();
  return {
    read: async (key) => answers.get(key),
    put: async (key, answer) => {
      answers.set(key, answer);
    },
  };
};
