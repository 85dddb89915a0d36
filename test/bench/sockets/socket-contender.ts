import type { Truth } from '../../../local/bedrock/truth.ts';
import type { Setting, SocketRequest } from './load.ts';

export interface SocketRun {
  /** By `Date.now()`: when the first request arrived. */
  readonly startedAtMs: number;
  /** How often each was answered. */
  readonly answers: ReadonlyMap<string, number>;
  /** How many callers were told that theirs failed. */
  readonly lost: number;
  readonly truth: Truth;
}

export interface SocketContender {
  readonly name: string;
  readonly setup: string;
  run(setting: Setting, requests: readonly SocketRequest[]): Promise<SocketRun>;
}

/** Counts what comes back, and that it is what was asked for. */
export const createAnswers = () => {
  const answers = new Map<string, number>();
  return {
    answers,
    add: (id: string): void => {
      answers.set(id, (answers.get(id) ?? 0) + 1);
    },
  };
};
