/**
 * How many requests of a tenant wait in a pool, or run: counted up when they are accepted, down when they have ended.
 * Advice for lanes and caps, never truth: whoever counts may die between the count and the deed. Nothing is refused
 * because a count could not be had, and a pool without work sets its counts right.
 */
export interface TenantStore {
  /** One write. Answers with the count after it: below zero after a loss, until it is set right. */
  addWaiting(pool: string, tenant: string, delta: number): Promise<number>;
  /** Zero for a tenant that nobody has counted yet. */
  readWaiting(pool: string, tenant: string): Promise<number>;
  /** Nothing of the tenant waits in the pool, whatever was counted. */
  setRight(pool: string, tenant: string): Promise<void>;
  /** The same, provided that the count is still the one that was seen. Whether it was. */
  setRightIf(pool: string, tenant: string, seen: number): Promise<boolean>;
}
