import type { ListPage, ListPosition } from './request-lists.ts';

export interface DeadLetterQuestion {
  readonly pool: string;
  readonly limit: number;
  readonly after?: ListPosition | undefined;
}

/** A pool's dead letters, the last to die first, and what was reopened of them and has not ended; eventually consistent. */
export interface DeadLetterIndex {
  page(question: DeadLetterQuestion): Promise<ListPage>;
}
