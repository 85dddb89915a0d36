import type { ResultPointer } from '../contract/request-item.ts';

/** Where the answer to a question lies. */
export interface KnownAnswer {
  readonly result: ResultPointer;
  readonly finishedAtMs: number;
}

/** Answers by their question, of tenants that have this turned on. Advice: what is not found is asked again. */
export interface AnswerStore {
  read(key: string): Promise<KnownAnswer | undefined>;
  /** The latest stays. */
  put(key: string, answer: KnownAnswer): Promise<void>;
}
