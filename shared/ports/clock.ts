/** Time as the flows see it; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970: for what is stored or told to others. */
  nowMs(): number;
  /** Milliseconds that never jump: for what decides how long something took. */
  monotonicMs(): number;
  /** Resolves after so long, or at once when `signal` aborts. Never rejects. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}
