import { PRIORITIES, type Priority } from '../contract/priorities.ts';

/** Share of the staging places that each class owns. */
const SHARES: Readonly<Record<Priority, number>> = { high: 0.5, normal: 0.3, low: 0.2 };

const sum = (classes: readonly Priority[], of: Readonly<Record<Priority, number>>): number =>
  classes.reduce((total, name) => total + of[name], 0);

/**
 * How many more requests of a class may be staged. A class uses its own places and borrows those of the classes
 * below it, never those above: low work can not fill the places that urgent work will need, not even together
 * with a class between that has borrowed from it.
 */
export const freePlaces = (
  priority: Priority,
  staged: Readonly<Record<Priority, number>>,
  places: number,
): number => {
  const rooms = PRIORITIES.slice(0, PRIORITIES.indexOf(priority) + 1).map((_, from) => {
    const downwards = PRIORITIES.slice(from);
    return Math.max(1, Math.floor(places * sum(downwards, SHARES) + 1e-9)) - sum(downwards, staged);
  });
  return Math.max(0, Math.min(...rooms));
};
