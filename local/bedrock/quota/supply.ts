import { constantly, type Stretch, stretches, type Timeline, valueAt } from './timeline.ts';

/** What is there of the quotas of a minute of one model. */
export interface Supply {
  /** 1 is the whole quota, 0.5 half of it. */
  readonly multiplier: Timeline;
  /** The share of what is there that somebody else takes, evenly. */
  readonly othersShare: Timeline;
}

export const wholeSupply: Supply = { multiplier: constantly(1), othersShare: constantly(0) };

interface SuppliedStretch extends Stretch {
  readonly multiplier: number;
  readonly othersShare: number;
}

export function suppliedStretches(supply: Supply, stretch: Stretch): readonly SuppliedStretch[] {
  const { multiplier, othersShare } = supply;
  return stretches([multiplier, othersShare], stretch).map((each) => ({
    ...each,
    multiplier: valueAt(multiplier, each.fromMs),
    othersShare: valueAt(othersShare, each.fromMs),
  }));
}

/** What somebody else took in that time, in milliseconds of the whole quota. */
export function othersUseMs(supply: Supply, stretch: Stretch): number {
  return suppliedStretches(supply, stretch).reduce(
    (sum, { fromMs, toMs, multiplier, othersShare }) => sum + (toMs - fromMs) * multiplier * othersShare,
    0,
  );
}
