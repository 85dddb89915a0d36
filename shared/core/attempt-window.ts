/** Time for the first byte and the way back, before a single token is counted. */
const START_MS = 30_000;
/** A model slower than this is taken for dead. */
const SLOWEST_TOKENS_PER_SECOND = 10;
/** A call is given up this long before its claim ends, so that no later owner can overlap it. */
export const ABORT_MARGIN_MS = 2_000;

export interface AttemptWindow {
  /** After this no call of the attempt is alive. */
  readonly untilMs: number;
  /** How long the call may take. */
  readonly timeoutMs: number;
}

/** How long one attempt may live: by its `max_tokens`, and never beyond the life of the function. */
export const attemptWindow = (maxTokens: number, nowMs: number, functionEndsAtMs: number): AttemptWindow => {
  const untilMs = Math.min(
    nowMs + START_MS + (maxTokens / SLOWEST_TOKENS_PER_SECOND) * 1000,
    functionEndsAtMs,
  );
  return { untilMs: Math.round(untilMs), timeoutMs: Math.round(untilMs - ABORT_MARGIN_MS - nowMs) };
};

/** Whether a call can be expected to finish before the function ends; if not, the successor makes it. */
export const fitsBeforeEnd = (
  call: { readonly maxTokens: number; readonly tokensPerSecond: number },
  remainingMs: number,
): boolean => (call.maxTokens / call.tokensPerSecond) * 1000 + START_MS <= remainingMs;
