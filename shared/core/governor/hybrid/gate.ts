import { PAUSE_DAY_MS, PAUSE_MOST_MS, PAUSE_MS, PAUSE_SPREAD, PROBE_SILENCE_MS } from './constants.ts';

/**
 *   open ── refusal ──► paused ── its end ──► one probe ── answered, or silent for 0.6 s ──► open
 *                         ▲                      │
 *                         └──── refused: twice as long
 */
export interface Gate {
  /** How long nothing may go; 0 when something may. One urgent call may go beside a probe. */
  waitMs(nowMs: number, isUrgent: boolean): number;
  isOpen(nowMs: number): boolean;
  /** Whether this send is the probe. */
  send(nowMs: number): boolean;
  /** Whether a call was sent after the last reaction: of older ones everything is known already. */
  isNews(sentAtMs: number): boolean;
  refused(wasProbe: boolean, nowMs: number): void;
  refusedForToday(nowMs: number): void;
  failing(nowMs: number): void;
  /** The probe was answered, or never left. */
  probeEnded(answered: boolean): void;
  /** Faults have become rare again. */
  calm(): void;
  pausedUntilMs(nowMs: number): number;
  save(): SavedGate;
}

export interface SavedGate {
  readonly pausedUntilMs: number;
  readonly pauseMs: number;
  readonly reactedAtMs: number;
  readonly isHalfOpen: boolean;
  /** While a probe is out. */
  readonly probedAtMs: number | null;
}

const FRESH: SavedGate = {
  pausedUntilMs: 0,
  pauseMs: PAUSE_MS,
  reactedAtMs: -1,
  isHalfOpen: false,
  probedAtMs: null,
};

export const createGate = (random: () => number, saved: SavedGate = FRESH): Gate => {
  let { pausedUntilMs, pauseMs, reactedAtMs, isHalfOpen, probedAtMs } = saved;

  let hasCompany = false;

  const spread = (ms: number): number => ms * (1 + PAUSE_SPREAD * (2 * random() - 1));
  const pause = (ms: number, nowMs: number): void => {
    // A short pause does not end a long one.
    pausedUntilMs = Math.max(pausedUntilMs, nowMs + spread(ms));
    reactedAtMs = nowMs;
    isHalfOpen = true;
    hasCompany = false;
    probedAtMs = null;
  };
  const open = (): void => {
    isHalfOpen = false;
    hasCompany = false;
    probedAtMs = null;
  };
  const settle = (nowMs: number): void => {
    if (probedAtMs !== null && nowMs >= probedAtMs + PROBE_SILENCE_MS) open();
  };
  const double = (): void => {
    pauseMs = Math.min(PAUSE_MOST_MS, pauseMs * 2);
  };

  return {
    waitMs: (nowMs, isUrgent) => {
      settle(nowMs);
      if (nowMs < pausedUntilMs) return pausedUntilMs - nowMs;
      if (isUrgent && !hasCompany) return 0;
      return probedAtMs === null ? 0 : probedAtMs + PROBE_SILENCE_MS - nowMs;
    },
    isOpen: (nowMs) => {
      settle(nowMs);
      return !isHalfOpen;
    },
    send: (nowMs) => {
      settle(nowMs);
      if (!isHalfOpen) return false;
      hasCompany = probedAtMs !== null;
      probedAtMs ??= nowMs;
      // What goes beside a probe is one itself: its refusal says nothing that the probe's would not.
      return true;
    },
    isNews: (sentAtMs) => sentAtMs > reactedAtMs,
    refused: (wasProbe, nowMs) => {
      if (wasProbe) double();
      else pauseMs = PAUSE_MS;
      pause(pauseMs, nowMs);
    },
    refusedForToday: (nowMs) => pause(PAUSE_DAY_MS, nowMs),
    failing: (nowMs) => {
      double();
      pause(pauseMs, nowMs);
    },
    probeEnded: (answered) => {
      if (answered) open();
      else probedAtMs = null;
    },
    calm: () => {
      pauseMs = PAUSE_MS;
    },
    pausedUntilMs: (nowMs) => (nowMs < pausedUntilMs ? pausedUntilMs : 0),
    save: () => ({ pausedUntilMs: Math.round(pausedUntilMs), pauseMs, reactedAtMs, isHalfOpen, probedAtMs }),
  };
};
