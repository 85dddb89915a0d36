import type { Clock } from '../../shared/ports/clock.ts';

/** When virtual time begins, unless a test says otherwise. */
export const START_MS = Date.UTC(2026, 0, 31, 12);

interface Alarm {
  readonly atMs: number;
  readonly ring: () => void;
}

/** Lets everything run that waits for promises only. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Time that moves only when a test says so. */
export class VirtualClock implements Clock {
  #elapsedMs = 0;
  readonly #alarms = new Set<Alarm>();

  nowMs(): number {
    return START_MS + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const ring = (): void => {
        this.#alarms.delete(alarm);
        signal?.removeEventListener('abort', ring);
        resolve();
      };
      const alarm: Alarm = { atMs: this.#elapsedMs + Math.max(0, durationMs), ring };
      this.#alarms.add(alarm);
      signal?.addEventListener('abort', ring, { once: true });
    });
  }

  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#elapsedMs + durationMs;
    await settled();
    while (this.#ringNext(untilMs)) await settled();
    this.#elapsedMs = untilMs;
  }

  /** Advances until `work` ends, and answers with what it gives. */
  async run<T>(work: Promise<T>, atMostMs = 24 * 3_600_000): Promise<T> {
    const untilMs = this.#elapsedMs + atMostMs;
    let ended = false;
    const end = (): void => {
      ended = true;
    };
    work.then(end, end);
    await settled();
    while (!ended) {
      if (!this.#ringNext(untilMs)) throw new Error(`Nothing ended it within ${atMostMs} ms.`);
      await settled();
    }
    return work;
  }

  #ringNext(untilMs: number): boolean {
    let next: Alarm | undefined;
    for (const alarm of this.#alarms) if (next === undefined || alarm.atMs < next.atMs) next = alarm;
    if (next === undefined || next.atMs > untilMs) return false;
    this.#elapsedMs = Math.max(this.#elapsedMs, next.atMs);
    next.ring();
    return true;
  }
}
