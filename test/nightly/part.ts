import type { Cell } from './render.ts';

/** What one unit of a part found. */
export interface UnitReport {
  readonly unit: string;
  readonly figures: Readonly<Record<string, Cell>>;
  /** Why it does not hold; empty when it does. */
  readonly faults: readonly string[];
}

export interface UnitContext {
  /** Of the part; what it leaves there the next unit finds. */
  readonly folder: string;
  /** Units that were done before, in this run or an earlier one. */
  readonly earlier: readonly UnitReport[];
  /** How much of the unit is done, from 0 to 1, and a few words. */
  readonly show: (share: number, text: string) => void;
}

/** A long run, in units that can be done one after the other in as many invocations as it takes. */
export interface Part {
  readonly units: readonly string[];
  /** That one unit takes at most: none is begun that may not end in time. */
  readonly mostMinutesEach: number;
  run(unit: string, context: UnitContext): Promise<UnitReport>;
}
