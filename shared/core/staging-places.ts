import { PRIORITIES, type Priority } from '../contract/priorities.ts';

type ByClass = Readonly<Record<Priority, number>>;

/** Share of the staging places that each class owns. */
const PLACE_SHARES: ByClass = { high: 0.5, normal: 0.3, low: 0.2 };
/** Of the memory the lowest class owns more: whatever is there may be large, and calls in flight count as well. */
const MEMORY_SHARES: ByClass = { high: 0.25, normal: 0.25, low: 0.5 };

/** What one drain holds of requests in memory, waiting and in flight. */
export const MOST_HELD_BYTES = 64 * 1024 * 1024;

const sum = (classes: readonly Priority[], of: ByClass): number =>
  classes.reduce((total, name) => total + of[name], 0);

/** Places of a class and of all below it. */
const roomOf = (priority: Priority, places: number, shares: ByClass): number =>
  Math.max(1, Math.floor(places * sum(PRIORITIES.slice(PRIORITIES.indexOf(priority)), shares) + 1e-9));

const freeOf = (priority: Priority, used: ByClass, total: number, shares: ByClass): number => {
  const rooms = PRIORITIES.slice(0, PRIORITIES.indexOf(priority) + 1).map(
    (above, from) => roomOf(above, total, shares) - sum(PRIORITIES.slice(from), used),
  );
  return Math.max(0, Math.min(...rooms));
};

/**
 * How many more requests of a class may be staged. A class uses its own places and borrows those of the classes
 * below it, never those above: low work can not fill the places that urgent work will need, not even together
 * with a class between that has borrowed from it.
 */
export const freePlaces = (priority: Priority, staged: ByClass, places: number): number =>
  freeOf(priority, staged, places, PLACE_SHARES);

/** Whether they brought something when they were last looked at. */
export interface Neighbours {
  readonly isExpressBusy: boolean;
  readonly isOtherBusy: boolean;
}

export interface BulkLoad extends Neighbours {
  readonly staged: ByClass;
  /** Of the class, from this bulk lane and from the other. */
  readonly own: number;
  readonly other: number;
}

/** Places of both bulk lanes of a class together, and of one of them. */
const bulkPlaces = (
  priority: Priority,
  { isExpressBusy, isOtherBusy }: Neighbours,
  places: number,
): { readonly most: number; readonly share: number } => {
  const quarter = Math.floor(roomOf(priority, places, PLACE_SHARES) / 4);
  const most = Math.max(1, isExpressBusy ? quarter : 3 * quarter);
  return { most, share: isOtherBusy ? Math.ceil(most / 2) : most };
};

/** Places of each tenant of a bulk lane, while so many have more waiting than there is room for. */
export const tenantPlaces = (
  priority: Priority,
  neighbours: Neighbours,
  { places, tenants }: { readonly places: number; readonly tenants: number },
): number => Math.max(1, Math.floor(bulkPlaces(priority, neighbours, places).share / tenants));

/**
 * The same for the bulk lanes of a class: three quarters of its room while express is quiet, one while it is not, so
 * that a load never holds the places that small jobs are about to need, and never stands still either. While both
 * bring something each has half of that: otherwise the load whose requests are slow to go would fill all places, and
 * the scheduler could be fair to nobody else.
 */
export const freeBulkPlaces = (priority: Priority, load: BulkLoad, places: number): number => {
  const { most, share } = bulkPlaces(priority, load, places);
  return Math.min(
    freePlaces(priority, load.staged, places),
    Math.max(0, most - load.own - load.other),
    Math.max(0, share - load.own),
  );
};

/** Whether a class may hold more: by the same rule, in bytes. A lone request goes however large it is. */
export const hasMemory = (priority: Priority, heldBytes: ByClass): boolean =>
  sum(PRIORITIES, heldBytes) === 0 || freeOf(priority, heldBytes, MOST_HELD_BYTES, MEMORY_SHARES) > 0;
