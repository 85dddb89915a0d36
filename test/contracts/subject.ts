/** A port under test. */
export interface Subject<P> {
  readonly port: P;
  /** Waits for work: where time is virtual, by moving it. */
  readonly run: <T>(work: Promise<T>) => Promise<T>;
}
