import type { RequestItem } from '../contract/request-item.ts';
import { isTerminal } from '../contract/statuses.ts';
import { hasLapsed } from '../core/to-view.ts';
import type { Clock } from '../ports/clock.ts';
import type { Completions } from '../ports/completions.ts';
import type { RequestReader } from '../ports/request-reader.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { createBell } from './drain/bell.ts';

/** Nothing when there is no such item any more. */
export type Seen =
  | { readonly kind: 'seen'; readonly item: RequestItem | undefined }
  | { readonly kind: 'unknown' };

/** Everybody who waits for the end of a request, served by one loop that reads for all of them together. */
export interface RequestWaits {
  /** Until it has ended, or so long, or the caller has gone; with what was seen then, if anything was. */
  untilEnded(requestId: string, atMostMs: number, left?: AbortSignal): Promise<Seen>;
  /** How many wait. */
  size(): number;
}

export interface RequestWaitsDeps {
  readonly requestReader: RequestReader;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Of the process that drains, when it is this one: then nobody has to look. */
  readonly completions?: Completions;
}

interface Waiter {
  readonly untilMs: number;
  readonly resolve: (seen: Seen) => void;
}

interface Watched {
  readonly waiters: Set<Waiter>;
  nextLookMs: number;
  looks: number;
  rung: boolean;
}

/** More would hold memory that requests need; those are answered at once. */
export const MOST_WAITS = 20_000;
/** Read together: five reads of a hundred. */
const MOST_PER_LOOK = 500;
const TICK_MS = 250;
const LOOK_PAUSES_MS = [250, 500, 1_000, 2_000] as const;
const LONGEST_PAUSE_MS = 2_000;
/** Where ends are told, a look only makes up for what was not. */
const TOLD_PAUSE_MS = 15_000;
const AFTER_ERROR_MS = 1_000;

const hasEnded = (item: RequestItem, nowMs: number): boolean =>
  isTerminal(item.status) || hasLapsed(item, nowMs);

export const createRequestWaits = (deps: RequestWaitsDeps): RequestWaits => {
  const { requestReader, clock, telemetry, completions } = deps;
  const watched = new Map<string, Watched>();
  const bell = createBell(clock);
  let size = 0;
  let running = false;

  const pauseAfter = (looks: number): number =>
    completions === undefined ? (LOOK_PAUSES_MS[looks] ?? LONGEST_PAUSE_MS) : TOLD_PAUSE_MS;

  const release = (requestId: string, waiter: Waiter, seen: Seen): void => {
    const entry = watched.get(requestId);
    if (entry?.waiters.delete(waiter) !== true) return;
    size -= 1;
    if (entry.waiters.size === 0) watched.delete(requestId);
    waiter.resolve(seen);
  };

  const isDue = ({ rung, nextLookMs, waiters }: Watched, nowMs: number): boolean => {
    if (rung || nextLookMs <= nowMs) return true;
    for (const { untilMs } of waiters) if (untilMs <= nowMs) return true;
    return false;
  };

  const dueIds = (nowMs: number): string[] => {
    const due: string[] = [];
    for (const [requestId, entry] of watched) {
      if (isDue(entry, nowMs)) due.push(requestId);
      if (due.length === MOST_PER_LOOK) break;
    }
    return due;
  };

  const conclude = (requestId: string, item: RequestItem | undefined): void => {
    const entry = watched.get(requestId);
    if (entry === undefined) return;
    const over = item === undefined || hasEnded(item, clock.nowMs());
    const monotonicMs = clock.monotonicMs();
    entry.nextLookMs = monotonicMs + pauseAfter(entry.looks);
    entry.looks += 1;
    for (const waiter of [...entry.waiters])
      if (over || waiter.untilMs <= monotonicMs) release(requestId, waiter, { kind: 'seen', item });
  };

  const giveUpLate = (ids: readonly string[]): void => {
    const nowMs = clock.monotonicMs();
    for (const requestId of ids) {
      const entry = watched.get(requestId);
      if (entry === undefined) continue;
      entry.nextLookMs = nowMs + AFTER_ERROR_MS;
      for (const waiter of [...entry.waiters])
        if (waiter.untilMs <= nowMs) release(requestId, waiter, { kind: 'unknown' });
    }
  };

  const look = async (ids: readonly string[]): Promise<void> => {
    // What rings while it is being read is looked at once more.
    for (const requestId of ids) {
      const entry = watched.get(requestId);
      if (entry !== undefined) entry.rung = false;
    }
    try {
      const items = await requestReader.readMany(ids);
      for (const requestId of ids) conclude(requestId, items.get(requestId));
    } catch (error) {
      telemetry.log('warn', 'waits_not_read', { requests: ids.length, error: String(error) });
      giveUpLate(ids);
    }
  };

  const run = async (): Promise<void> => {
    while (watched.size > 0) {
      const due = dueIds(clock.monotonicMs());
      if (due.length > 0) await look(due);
      if (due.length < MOST_PER_LOOK) await bell.wait(TICK_MS);
    }
    running = false;
  };

  const watch = (requestId: string): Watched => {
    const known = watched.get(requestId);
    if (known !== undefined) return known;
    const nextLookMs = clock.monotonicMs() + pauseAfter(0);
    const entry: Watched = { waiters: new Set(), nextLookMs, looks: 1, rung: false };
    watched.set(requestId, entry);
    return entry;
  };

  completions?.onEnded((requestIds) => {
    let anybody = false;
    for (const requestId of requestIds) {
      const entry = watched.get(requestId);
      if (entry === undefined) continue;
      entry.rung = true;
      anybody = true;
    }
    if (anybody) bell.ring();
  });

  return {
    untilEnded: (requestId, atMostMs, left) => {
      if (size >= MOST_WAITS || left?.aborted === true) return Promise.resolve({ kind: 'unknown' });
      return new Promise((resolve) => {
        const waiter: Waiter = { untilMs: clock.monotonicMs() + atMostMs, resolve };
        watch(requestId).waiters.add(waiter);
        size += 1;
        left?.addEventListener('abort', () => release(requestId, waiter, { kind: 'unknown' }), {
          once: true,
        });
        if (running) return;
        running = true;
        void run();
      });
    },
    size: () => size,
  };
};
