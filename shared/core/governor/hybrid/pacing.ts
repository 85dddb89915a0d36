import { PEAK, SLACK_MS, SPRINT_REGAIN, SPRINT_SECONDS } from './constants.ts';

/** Spaces sends, so that stored quota is not spent in one burst; the high class may sprint ahead a little. */
export interface Pacing {
  waitMs(expected: number, maySprint: boolean, nowMs: number): number;
  spend(expected: number, nowMs: number): void;
  refill(seconds: number): void;
  save(): SavedPacing;
}

/** When the next send is due, and what is left of the sprint. */
export type SavedPacing = readonly [number, number];

export const createPacing = (perSecond: () => number, saved?: SavedPacing): Pacing => {
  let [nextPeakMs, sprint] = saved ?? [0, SPRINT_SECONDS * perSecond()];
  return {
    waitMs: (expected, maySprint, nowMs) =>
      nowMs >= nextPeakMs || (maySprint && sprint >= expected) ? 0 : nextPeakMs - nowMs,
    spend: (expected, nowMs) => {
      if (nowMs < nextPeakMs) sprint -= expected;
      else nextPeakMs = Math.max(nextPeakMs, nowMs - SLACK_MS) + (expected / (PEAK * perSecond())) * 1000;
    },
    refill: (seconds) => {
      sprint = Math.min(SPRINT_SECONDS * perSecond(), sprint + seconds * SPRINT_REGAIN * perSecond());
    },
    save: () => [Math.round(nextPeakMs * 1000) / 1000, Math.round(sprint * 1000) / 1000],
  };
};
