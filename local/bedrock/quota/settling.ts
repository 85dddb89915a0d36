/** A hold that becomes a charge. */
export interface Settling {
  readonly hold: number;
  /** Zero to give the whole hold back; may exceed the hold. */
  readonly charge: number;
  readonly heldAtMs: number;
}
