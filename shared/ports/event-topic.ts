import type { CompletionEvent } from '../contract/events.ts';

/** Tells whoever has subscribed. */
export interface EventTopic {
  /** At most ten. Answers with the places of those that were not taken; throws nothing for them. */
  publish(events: readonly CompletionEvent[]): Promise<ReadonlySet<number>>;
}
