/**
 *   closed ── three losses in a row ──► open ── its end ──► one probe ── answered ──► closed
 *                                        ▲                     │
 *                                        └── lost: twice as long
 *
 * The governor says how much of a quota there is; a breaker says whether there is anybody to ask. Only a pool with
 * other targets has breakers: without an alternative, asking again after the governor's pause is all one can do.
 */
export interface Breaker {
  /** How long nothing may be sent; 0 when something may. */
  waitMs(nowMs: number): number;
  state(nowMs: number): BreakerState;
  /** A call goes; whether it is the probe. */
  sent(nowMs: number): boolean;
  /** The service did its part, whatever it said. */
  worked(wasProbe: boolean, nowMs: number): void;
  /** There was nobody to do it. */
  lost(wasProbe: boolean, nowMs: number): void;
  /** No call like this one will do, for the time being: no leave to make it, no such model. */
  barred(nowMs: number): void;
  /** The call says nothing about the service: it never left, or was given up. */
  withdrawn(wasProbe: boolean): void;
  save(): SavedBreaker;
}

export type BreakerState = 'closed' | 'open' | 'probing';

export interface SavedBreaker {
  readonly isClosed: boolean;
  readonly losses: number;
  readonly openUntilMs: number;
  readonly openMs: number;
  readonly closedAtMs: number;
  /** While a probe is out. */
  readonly probedAtMs: number | null;
}

/** Single failures are the service's daily bread; at one in ten, three in a row come once in a thousand calls. */
const LOSSES_TO_OPEN = 3;
export const OPEN_MS = 5_000;
const OPEN_MOST_MS = 120_000;
export const BARRED_MS = 300_000;
/** +-20 %. */
const SPREAD = 0.2;
/** Without a word for so long another probe may go: answers take their time. */
const PROBE_SILENCE_MS = 10_000;
/** One that opens again so soon had not recovered. */
const RELAPSE_MS = 60_000;

const FRESH: SavedBreaker = {
  isClosed: true,
  losses: 0,
  openUntilMs: 0,
  openMs: 0,
  closedAtMs: 0,
  probedAtMs: null,
};

export const createBreaker = (random: () => number, saved: SavedBreaker = FRESH): Breaker => {
  let { isClosed, losses, openUntilMs, openMs, closedAtMs, probedAtMs } = saved;

  const openFor = (ms: number, nowMs: number): void => {
    isClosed = false;
    losses = 0;
    probedAtMs = null;
    openMs = ms;
    openUntilMs = Math.max(openUntilMs, Math.round(nowMs + ms * (1 + SPREAD * (2 * random() - 1))));
  };
  const longer = (): number => Math.min(OPEN_MOST_MS, Math.max(OPEN_MS, 2 * openMs));

  return {
    waitMs: (nowMs) => {
      if (isClosed) return 0;
      if (nowMs < openUntilMs) return openUntilMs - nowMs;
      return probedAtMs === null ? 0 : Math.max(0, probedAtMs + PROBE_SILENCE_MS - nowMs);
    },
    state: (nowMs) => {
      if (isClosed) return 'closed';
      return nowMs < openUntilMs ? 'open' : 'probing';
    },
    sent: (nowMs) => {
      if (isClosed) return false;
      probedAtMs = nowMs;
      return true;
    },
    worked: (wasProbe, nowMs) => {
      losses = 0;
      // Answers to what was sent before it opened are no news.
      if (isClosed || !wasProbe) return;
      isClosed = true;
      closedAtMs = nowMs;
      openUntilMs = 0;
      probedAtMs = null;
    },
    lost: (wasProbe, nowMs) => {
      if (!isClosed) {
        if (wasProbe && nowMs >= openUntilMs) openFor(longer(), nowMs);
        return;
      }
      losses += 1;
      if (losses < LOSSES_TO_OPEN) return;
      openFor(openMs > 0 && nowMs - closedAtMs < RELAPSE_MS ? longer() : OPEN_MS, nowMs);
    },
    barred: (nowMs) => openFor(BARRED_MS, nowMs),
    withdrawn: (wasProbe) => {
      if (wasProbe) probedAtMs = null;
    },
    save: () => ({ isClosed, losses, openUntilMs, openMs, closedAtMs, probedAtMs }),
  };
};
