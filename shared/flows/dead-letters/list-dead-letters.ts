import type { DeadLetterView } from '../../contract/dead-letter.ts';
import { toDeadLetterView } from '../../core/dead-letter-view.ts';
import type { RequestStore } from '../../ports/request-store.ts';
import { resultContextOf } from '../view-context.ts';
import {
  type DeadLettersQuestion,
  type DeadPosition,
  type FindDeps,
  findDeadLetters,
} from './find-dead-letters.ts';

export interface ListDeadDeps extends FindDeps {
  readonly region: string;
  readonly requests: Pick<RequestStore, 'read'>;
}

export interface DeadLettersPage {
  readonly letters: readonly DeadLetterView[];
  readonly next: DeadPosition | undefined;
}

/** Dead letters of all tenants, for those who operate the pipeline. */
export const createListDeadLetters =
  (deps: ListDeadDeps) =>
  async (question: DeadLettersQuestion): Promise<DeadLettersPage> => {
    const { found, next } = await findDeadLetters(question, deps);
    return {
      letters: found.flatMap(({ item }) => toDeadLetterView(item, resultContextOf(item, deps)) ?? []),
      next,
    };
  };

/** One of them; nothing when there is none, or it is not dead. */
export const createReadDeadLetter =
  (deps: ListDeadDeps) =>
  async (requestId: string): Promise<DeadLetterView | undefined> => {
    const item = await deps.requests.read(requestId);
    return item === undefined ? undefined : toDeadLetterView(item, resultContextOf(item, deps));
  };
