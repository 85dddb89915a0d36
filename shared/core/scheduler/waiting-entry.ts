import type { Priority } from '../../contract/priorities.ts';

/** What decides when a request goes. */
export interface RequestShape {
  readonly tenant: string;
  /** Quota tokens that it will probably be charged. */
  readonly costTokens: number;
  readonly maxTokens: number;
  /** After this it is not worth running; requests that name no deadline have theirs in the order of their arrival. */
  readonly expiresAtMs: number;
}

/** A request in the scheduler. Heaps keep entries that have gone until they surface. */
export interface WaitingEntry<R> {
  readonly request: R;
  readonly priority: Priority;
  readonly shape: RequestShape;
  /** Of arrival. */
  readonly order: number;
  isGone: boolean;
}

const SECOND_MS = 1000;

/**
 * Within one tenant's class: earliest deadline first; within the same second of it the longest answer first, since
 * the last answer to end is one that began late and is long; then first come first served.
 */
export const isBefore = <R>(one: WaitingEntry<R>, other: WaitingEntry<R>): boolean => {
  const seconds =
    Math.floor(one.shape.expiresAtMs / SECOND_MS) - Math.floor(other.shape.expiresAtMs / SECOND_MS);
  // Two that never expire are as far apart as nothing is: not a number.
  if (seconds !== 0 && !Number.isNaN(seconds)) return seconds < 0;
  if (one.shape.maxTokens !== other.shape.maxTokens) return one.shape.maxTokens > other.shape.maxTokens;
  return one.order < other.order;
};

/** By what a call holds, as far as it is known here: what is smallest fits soonest. */
export const isSmaller = <R>({ shape: one }: WaitingEntry<R>, { shape: other }: WaitingEntry<R>): boolean =>
  one.costTokens + one.maxTokens < other.costTokens + other.maxTokens;

export const expiresSooner = <R>(
  { shape: one }: WaitingEntry<R>,
  { shape: other }: WaitingEntry<R>,
): boolean => one.expiresAtMs < other.expiresAtMs;
