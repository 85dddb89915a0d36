interface Poll<T> {
  readonly take: () => T[];
  readonly end: (taken: T[]) => void;
}

/** Who has gone, or waits while the cloud closes, gets nothing. */
export interface PollCaller {
  readonly isGone: boolean;
  readonly signal: AbortSignal;
}

/** Node's timers hold at most 2^31 - 1 ms; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * Those who wait at one queue, first come, first served. Messages are handed to a poll directly, in the same
 * turn in which they become visible: a poll that gets nothing is not even woken, and an aborted one has left
 * the line before it could be given anything.
 */
export class LongPolls<T> {
  readonly #nowMs: () => number;
  readonly #nextVisibleAtMs: () => number | undefined;
  readonly #waiting = new Set<Poll<T>>();
  #alarm: { readonly atMs: number; readonly timer: NodeJS.Timeout } | undefined;

  constructor(nowMs: () => number, nextVisibleAtMs: () => number | undefined) {
    this.#nowMs = nowMs;
    this.#nextVisibleAtMs = nextVisibleAtMs;
  }

  /** Takes what there is, or the first that comes within `waitMs`. */
  async wait(take: () => T[], waitMs: number, caller: PollCaller): Promise<T[]> {
    if (caller.isGone) return [];
    const present = take();
    if (present.length > 0 || waitMs === 0) {
      this.serve();
      return present;
    }
    return this.#join(take, waitMs, caller.signal);
  }

  /** To be called whenever something may have become visible, now or at a new time. */
  serve(): void {
    for (const poll of this.#waiting) {
      const taken = poll.take();
      if (taken.length === 0) break;
      poll.end(taken);
    }
    this.#setAlarm();
  }

  close(): void {
    for (const poll of this.#waiting) poll.end([]);
    this.#setAlarm();
  }

  #join(take: () => T[], waitMs: number, signal: AbortSignal): Promise<T[]> {
    return new Promise((resolve) => {
      const giveUp = () => {
        poll.end([]);
        this.#setAlarm();
      };
      const timer = setTimeout(giveUp, waitMs);
      const end = (taken: T[]) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        this.#waiting.delete(poll);
        resolve(taken);
      };
      const poll: Poll<T> = { take, end };
      signal.addEventListener('abort', giveUp);
      this.#waiting.add(poll);
      this.#setAlarm();
    });
  }

  #setAlarm(): void {
    const atMs = this.#waiting.size > 0 ? this.#nextVisibleAtMs() : undefined;
    if (atMs === this.#alarm?.atMs) return;
    clearTimeout(this.#alarm?.timer);
    this.#alarm = undefined;
    if (atMs === undefined) return;
    const delayMs = Math.min(Math.max(atMs - this.#nowMs(), 1), LONGEST_TIMER_MS);
    const ring = () => {
      this.#alarm = undefined;
      this.serve();
    };
    this.#alarm = { atMs, timer: setTimeout(ring, delayMs) };
  }
}
