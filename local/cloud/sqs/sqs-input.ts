import { invalidParameter, missingParameter, SqsError } from './sqs-error.ts';

/** The JSON object of one request, or one entry of its batch: nothing in it is trusted yet. */
export type SqsInput = Readonly<Record<string, unknown>>;

export interface Range {
  readonly min: number;
  readonly max: number;
}

export function parseSqsInput(body: Buffer): SqsInput {
  if (body.length === 0) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    throw new SqsError('SerializationException', 'The request body is not valid JSON.');
  }
  return asObject(parsed, 'the request body');
}

export function readString(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw wrongType(name, 'a string');
  return value;
}

export function requireString(value: unknown, name: string): string {
  const text = readString(value, name);
  if (text === undefined || text === '') throw missingParameter(name);
  return text;
}

export function readInteger(value: unknown, name: string, { min, max }: Range): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(name, 'an integer');
  if (value < min || value > max) {
    throw invalidParameter(name, value, `Must be between ${min} and ${max}, if provided.`);
  }
  return value;
}

export function readObject(value: unknown, name: string): SqsInput {
  return value === undefined || value === null ? {} : asObject(value, name);
}

export function readStrings(value: unknown, name: string): readonly string[] {
  return readList(value, name).map((entry) => {
    if (typeof entry !== 'string') throw wrongType(name, 'a list of strings');
    return entry;
  });
}

export function readObjects(value: unknown, name: string): readonly SqsInput[] {
  const list = readList(value, name);
  for (const entry of list) asObject(entry, name);
  return list as readonly SqsInput[];
}

export function readStringMap(value: unknown, name: string): Readonly<Record<string, string>> {
  const map = readObject(value, name);
  for (const entry of Object.values(map)) {
    if (typeof entry !== 'string') throw wrongType(name, 'a map of strings');
  }
  return map as Readonly<Record<string, string>>;
}

function readList(value: unknown, name: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrongType(name, 'a list');
  return value;
}

function asObject(value: unknown, what: string): SqsInput {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(what, 'an object');
  return value as SqsInput;
}

function wrongType(name: string, expected: string): SqsError {
  return new SqsError('SerializationException', `Expected ${name} to be ${expected}.`);
}
