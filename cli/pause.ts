export type Pause = (durationMs: number, signal?: AbortSignal) => Promise<void>;

/** Waits, unless it is told to leave: then it fails with the reason. */
export const pauseFor: Pause = (durationMs, signal) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason);
    const leave = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', leave);
      resolve();
    }, durationMs);
    signal?.addEventListener('abort', leave, { once: true });
  });
