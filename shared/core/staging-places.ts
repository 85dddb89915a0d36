import { PRIORITIES, type Priority } from '../contract/priorities.ts';

/** Share of the staging places that each class owns. */
const SHARES: Readonly<Record<Priority, number>> = { high: 0.5, normal: 0.3, low: 0.2 };

/**
 * How many more requests of a class may be staged. A class uses its own places and borrows those of the classes
 * below it, never those above: low work can not fill the places that urgent work will need.
 */
export const freePlaces = (
  priority: Priority,
  staged: Readonly<Record<Priority, number>>,
  places: number,
): number => {
  const from = PRIORITIES.indexOf(priority);
  const below = PRIORITIES.slice(from);
  const owned = Math.max(1, Math.floor(places * below.reduce((sum, name) => sum + SHARES[name], 0) + 1e-9));
  const usedBelow = below.reduce((sum, name) => sum + staged[name], 0);
  const usedInAll = PRIORITIES.reduce((sum, name) => sum + staged[name], 0);
  return Math.max(0, Math.min(owned - usedBelow, places - usedInAll));
};
