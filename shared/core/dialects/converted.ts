import type { FaultCode } from '../../contract/error-codes.ts';
import type { Json } from '../answers/json-members.ts';

/** One place of a request in the words of another API that is wrong. `pointer` leads into it, as it was written. */
export interface PlaceFault {
  readonly pointer: string;
  readonly detail: string;
  /** `invalid_value` unless said. */
  readonly code?: FaultCode;
  /** Of a body of lines, from 1. */
  readonly line?: number;
}

/** A request in our form, or why it has none. */
export type Converted =
  | { readonly ok: true; readonly envelope: Json }
  | { readonly ok: false; readonly faults: readonly PlaceFault[] };

export const fault = (pointer: string, detail: string): PlaceFault => ({ pointer, detail });

export const faulty = (...faults: readonly PlaceFault[]): Converted => ({ ok: false, faults });

const describe = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return value === undefined ? 'missing' : `a ${typeof value}`;
};

export const notAnObject = (pointer: string, value: unknown): PlaceFault =>
  fault(pointer, `must be a JSON object, not ${describe(value)}`);

/** The members of an object that are set: null stands for none in the formats of others. */
export const withoutNulls = (object: Json): Json =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null && value !== undefined));
