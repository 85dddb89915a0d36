import type { Json } from '../../shared/core/answers/json-members.ts';
import type { Converted } from '../../shared/core/dialects/converted.ts';

/** One request of an input, in our form and as it came. */
export interface InputItem {
  /** Where it begins, from 1; of one JSON document the place in its list. */
  readonly line: number;
  /** As its own format calls it, where it does. */
  readonly id: string | undefined;
  readonly source: Json | string;
  readonly converted: Converted;
}

/** A record before it is converted: a line, or an entry of a list. */
export interface RawRecord {
  readonly line: number;
  readonly value: unknown;
}
