/** True after the time; false as soon as the signal fires. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<boolean>;

/** The longest time that a timer of Node can wait. */
const maxTimerMs = 2_147_483_647;

export const waitFor: Wait = (ms, signal) => {
  if (signal.aborted) return Promise.resolve(false);
  if (ms <= 0) return Promise.resolve(true);
  return new Promise((resolve) => {
    const stop = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(
      () => {
        signal.removeEventListener('abort', stop);
        resolve(true);
      },
      Math.min(ms, maxTimerMs),
    );
    signal.addEventListener('abort', stop, { once: true });
  });
};

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
