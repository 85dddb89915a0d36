import {
  CUT_BETA,
  CUT_LEAST,
  CUT_ROW_MS,
  CUT_SAFETY,
  GROWTH_BEYOND,
  GROWTH_BEYOND_PER_SECOND,
  GROWTH_CUBIC,
  GROWTH_DELAY_MS,
  GROWTH_MOST_PER_SECOND,
  GROWTH_SENDS_PER_SECOND,
  MULTIPLIER_LEAST,
} from './constants.ts';

/** What share of the configured rate is believed to be there: cut by refusals, grown back along a cubic curve. */
export interface Multiplier {
  value(): number;
  /** `servedShare`: what was charged of late, as a share of the configured rate. */
  cut(servedShare: number, nowMs: number): void;
  grow(seconds: number, sendsPerSecond: number, nowMs: number): void;
  /** The same rates as shares of another grant; never more than all of it. */
  rescale(factor: number): void;
  save(): SavedMultiplier;
}

export interface SavedMultiplier {
  readonly value: number;
  readonly wall: number;
  readonly afterCut: number;
  readonly sinceCut: number;
  readonly cutAtMs: number;
  readonly cuts: number;
}

const FRESH: SavedMultiplier = { value: 1, wall: 1, afterCut: 1, sinceCut: 0, cutAtMs: 0, cuts: 0 };

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

export const createMultiplier = (most: number, saved: SavedMultiplier = FRESH): Multiplier => {
  let { value, wall, afterCut, sinceCut, cutAtMs, cuts } = saved;

  /** Slow near the wall where it was refused, fast far from it on either side. */
  const onCurve = (): number => {
    const plateau = Math.cbrt(Math.max(0, 1 - afterCut / wall) / GROWTH_CUBIC);
    return wall * (1 + GROWTH_CUBIC * (sinceCut - plateau) ** 3);
  };

  return {
    value: () => value,
    cut: (servedShare, nowMs) => {
      cuts = nowMs - cutAtMs <= CUT_ROW_MS ? cuts + 1 : 1;
      wall = value;
      value = clamp(CUT_SAFETY * servedShare, value * CUT_BETA ** cuts, value * CUT_LEAST);
      value = Math.max(MULTIPLIER_LEAST, value);
      afterCut = value;
      sinceCut = 0;
      cutAtMs = nowMs;
    },
    grow: (seconds, sendsPerSecond, nowMs) => {
      if (value >= most || nowMs - cutAtMs < GROWTH_DELAY_MS) return;
      const activeSeconds = seconds * Math.min(1, sendsPerSecond / GROWTH_SENDS_PER_SECOND);
      sinceCut += activeSeconds;
      const least =
        value >= GROWTH_BEYOND * wall ? value * (1 + GROWTH_BEYOND_PER_SECOND * activeSeconds) : value;
      const fastest = value * (1 + GROWTH_MOST_PER_SECOND * seconds);
      value = Math.min(most, Math.max(least, Math.min(onCurve(), fastest)));
    },
    rescale: (factor) => {
      const largest = Math.max(1, value);
      value = Math.min(largest, value * factor);
      wall = Math.min(largest, wall * factor);
      afterCut = Math.min(largest, afterCut * factor);
    },
    save: () => ({
      value: Number(value.toPrecision(6)),
      wall: Number(wall.toPrecision(6)),
      afterCut: Number(afterCut.toPrecision(6)),
      sinceCut: Number(sinceCut.toPrecision(6)),
      cutAtMs,
      cuts,
    }),
  };
};
