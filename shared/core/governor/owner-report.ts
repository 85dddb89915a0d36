/**
 * What one owner of a pool has under way, as JSON of about 150 bytes. Everything counts from the beginning of its
 * governor, so that any report replaces all earlier ones and a repeat changes nothing.
 */
export interface OwnerReport {
  /** Of the lease under which its governor began. */
  readonly epoch: number;
  readonly takenAtMs: number;
  readonly inFlight: number;
  /** By dimension: everything held for its calls, less everything given back. */
  readonly taken: Readonly<Record<string, number>>;
  /** Of further targets, by name: `inFlight` counts their calls, too, `taken` only what the pool's own target had. */
  readonly targets?: Readonly<Record<string, Pick<OwnerReport, 'inFlight' | 'taken'>>>;
}
