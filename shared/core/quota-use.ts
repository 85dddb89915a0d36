import type { DimensionName } from './governor/dimension-name.ts';
import type { DimensionView, GovernorView } from './governor/governor-view.ts';

/** By limit, everything that calls were charged since the governor began. */
export type Charged = ReadonlyMap<DimensionName, number>;

const dimensionsOf = ({ targets, dimensions }: GovernorView): readonly DimensionView[] =>
  targets === undefined ? dimensions : targets.flatMap(({ governor }) => governor.dimensions);

/** Of all targets: one that may not be called now was charged all the same. */
export const chargedBy = (view: GovernorView): Charged => {
  const charged = new Map<DimensionName, number>();
  for (const { name, settled } of dimensionsOf(view)) charged.set(name, (charged.get(name) ?? 0) + settled);
  return charged;
};

/**
 * What was charged since then, in per cent of what is granted for one minute, of the limit that was used most. Those of
 * a period add up: divided by its minutes they are the use of the quota. A day's tokens are no rate.
 */
export const quotaUseSince = (before: Charged, view: GovernorView): number => {
  const now = chargedBy(view);
  const uses = view.dimensions
    .filter(({ name }) => name !== 'tokens_per_day')
    .map(({ name, limit }) => (100 * ((now.get(name) ?? 0) - (before.get(name) ?? 0))) / limit);
  return Math.max(0, ...uses);
};
