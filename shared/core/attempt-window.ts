/** Time for the first byte and the way back, before a single token is counted. */
const START_MS = 30_000;
/** A model slower than this is taken for dead. */
const SLOWEST_TOKENS_PER_SECOND = 10;
/** A call is given up this long before its claim ends, so that no later owner can overlap it. */
export const ABORT_MARGIN_MS = 2_000;

/** Until when one attempt may live: by its `max_tokens`, and never beyond the life of the function. */
export const attemptUntilMs = (maxTokens: number, nowMs: number, functionEndsAtMs: number): number =>
  Math.round(Math.min(nowMs + START_MS + (maxTokens / SLOWEST_TOKENS_PER_SECOND) * 1000, functionEndsAtMs));

/** Whether a call can be expected to finish before the function ends; if not, the successor makes it. */
export const fitsBeforeEnd = (
  call: { readonly maxTokens: number; readonly tokensPerSecond: number },
  remainingMs: number,
): boolean => (call.maxTokens / call.tokensPerSecond) * 1000 + START_MS <= remainingMs;

/**
 * NAT gateways cut a connection that stands idle for 350 s, and the SDK's own HTTP/2 after 300: an answer that may
 * take more than half of that is read while it is written.
 */
const LONGEST_SILENCE_MS = 180_000;

export const mayOutlastIdleLimits = (call: {
  readonly maxTokens: number;
  readonly tokensPerSecond: number;
}): boolean => (call.maxTokens / call.tokensPerSecond) * 1000 > LONGEST_SILENCE_MS;
