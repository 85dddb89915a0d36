/** Time as a port, so that what waits can be tested without waiting. */
export interface Timers {
  /** Monotonic: a laptop that changes its wall clock must not shorten a running function's time. */
  monotonicMs(): number;
  /** Runs the callback once; the returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

export const systemTimers: Timers = {
  monotonicMs: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
