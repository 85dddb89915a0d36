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

export function readString(input: SqsInput, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw wrongType(name, 'a string');
  return value;
}

export function requireString(input: SqsInput, name: string): string {
  const value = readString(input, name);
  if (value === undefined || value === '') throw missingParameter(name);
  return value;
}

export function readInteger(input: SqsInput, name: string, { min, max }: Range): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(name, 'an integer');
  if (value < min || value > max) {
    throw invalidParameter(name, value, `Must be between ${min} and ${max}, if provided.`);
  }
  return value;
}

export function readObject(input: SqsInput, name: string): SqsInput {
  const value = input[name];
  return value === undefined || value === null ? {} : asObject(value, name);
}

export function readStrings(input: SqsInput, name: string): readonly string[] {
  return readList(input, name).map((value) => {
    if (typeof value !== 'string') throw wrongType(name, 'a list of strings');
    return value;
  });
}

export function readObjects(input: SqsInput, name: string): readonly SqsInput[] {
  const list = readList(input, name);
  for (const value of list) asObject(value, name);
  return list as readonly SqsInput[];
}

export function readStringMap(input: SqsInput, name: string): Readonly<Record<string, string>> {
  const map = readObject(input, name);
  for (const value of Object.values(map)) {
    if (typeof value !== 'string') throw wrongType(name, 'a map of strings');
  }
  return map as Readonly<Record<string, string>>;
}

function readList(input: SqsInput, name: string): readonly unknown[] {
  const value = input[name];
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
