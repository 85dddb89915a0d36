export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One place of an input that is wrong. `pointer` leads into its line, as it was written. */
export interface InputFault {
  readonly pointer: string;
  readonly detail: string;
}

export type Converted =
  | { readonly ok: true; readonly envelope: JsonObject }
  | { readonly ok: false; readonly faults: readonly InputFault[] };

/** One request of an input, in our form and as it came. */
export interface InputItem {
  /** Where it begins, from 1; of one JSON document the place in its list. */
  readonly line: number;
  /** As its own format calls it, where it does. */
  readonly id: string | undefined;
  readonly source: JsonObject | string;
  readonly converted: Converted;
}

/** A record before it is converted: a line, or an entry of a list. */
export interface RawRecord {
  readonly line: number;
  readonly value: unknown;
}

export const fault = (pointer: string, detail: string): InputFault => ({ pointer, detail });

export const faulty = (...faults: readonly InputFault[]): Converted => ({ ok: false, faults });

const describe = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return value === undefined ? 'missing' : `a ${typeof value}`;
};

export const notAnObject = (pointer: string, value: unknown): InputFault =>
  fault(pointer, `must be a JSON object, not ${describe(value)}`);

/** The members of an object that are set: null stands for none in the formats of others. */
export const withoutNulls = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null && value !== undefined));
