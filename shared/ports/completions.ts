/** Tells within one process which requests have just ended; what ends elsewhere it knows nothing of. */
export interface Completions {
  ended(requestIds: readonly string[]): void;
  onEnded(listener: (requestIds: readonly string[]) => void): void;
}
