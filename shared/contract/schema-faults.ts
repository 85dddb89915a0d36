import type { z } from 'zod';
import type { FaultCode } from './error-codes.ts';
import { toJsonPointer } from './json-pointer.ts';
import { nearestName } from './nearest-name.ts';
import type { Fault } from './problem.ts';

type Issue = z.core.$ZodIssue;

/** The names a schema knows at one place, so that an unknown one can be answered with the nearest. */
export type KnownNames = (path: readonly PropertyKey[]) => readonly string[];

const describeKind = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value === undefined) return 'missing';
  const kind = typeof value;
  // JSON has no such number, but its parsers make one of 1e400.
  if (kind === 'number' && !Number.isFinite(value)) return 'one that is too large to hold';
  return kind === 'object' ? 'an object' : `a ${kind}`;
};

const valueAt = (root: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    root,
  );

/** Whoever sends more unknown fields than this has not mistyped them. */
const MOST_HINTS = 100;

const unknownFields = (issue: Issue & { code: 'unrecognized_keys' }, known: KnownNames): Fault[] =>
  issue.keys.map((key, index) => {
    const nearest = index < MOST_HINTS ? nearestName(key, known(issue.path)) : undefined;
    return {
      pointer: toJsonPointer([...issue.path, key]),
      code: 'unknown_field',
      detail: `\`${key}\` is not known here${nearest === undefined ? '' : `; did you mean \`${nearest}\`?`}`,
    };
  });

const codeOf = (issue: Issue): FaultCode => {
  switch (issue.code) {
    case 'invalid_type':
      return 'invalid_type';
    case 'too_big':
    case 'too_small':
      return 'out_of_range';
    default:
      return 'invalid_value';
  }
};

const UNITS: Readonly<Record<string, string>> = {
  string: ' characters',
  array: ' entries',
  record: ' entries',
};

/** Zod's own words for a range are replaced; a message that the schema gives is kept. */
const rangeDetail = (issue: Issue & { code: 'too_big' | 'too_small' }): string => {
  if (!issue.message.startsWith('Too ')) return issue.message;
  const unit = UNITS[issue.origin] ?? '';
  if (issue.code === 'too_small' && issue.minimum === 1 && unit !== '') return 'must not be empty';
  if (issue.code === 'too_small')
    return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unit}`;
  return `must be ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unit}`;
};

const valueDetail = (issue: Issue & { code: 'invalid_value' }): string =>
  issue.message.startsWith('Invalid ')
    ? `must be one of ${issue.values.map(String).join(', ')}`
    : issue.message;

const detailOf = (issue: Issue): string => {
  switch (issue.code) {
    case 'too_big':
    case 'too_small':
      return rangeDetail(issue);
    case 'invalid_value':
      return valueDetail(issue);
    default:
      return issue.message;
  }
};

/** Zod's names of types, in the words of JSON where they differ. */
const JSON_WORDS: Readonly<Record<string, string>> = { int: 'whole number', record: 'object' };

const article = (expected: string): string => {
  const word = JSON_WORDS[expected] ?? expected;
  return `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`;
};

const below = (path: readonly PropertyKey[], inner: Issue): Issue => ({
  ...inner,
  path: [...path, ...inner.path],
});

/** Of several forms, the one that the value was meant to have: its own faults say more than "none fits". */
const meantForm = (issue: Issue & { code: 'invalid_union' }): readonly Issue[] | undefined => {
  const forms = issue.errors.filter(
    (inner) => !inner.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
  );
  return forms.length === 1 ? forms[0] : undefined;
};

const unionFaults = (issue: Issue & { code: 'invalid_union' }, root: unknown, known: KnownNames): Fault[] => {
  const form = meantForm(issue);
  if (form !== undefined) return form.flatMap((inner) => toFaultsOf(below(issue.path, inner), root, known));
  const missing = valueAt(root, issue.path) === undefined;
  const detail = issue.message.startsWith('Invalid ') ? 'has none of the allowed forms' : issue.message;
  return [
    {
      pointer: toJsonPointer(issue.path),
      code: missing ? 'required' : 'invalid_type',
      detail: missing ? `is needed: ${detail.replace(/^must be /, '')}` : detail,
    },
  ];
};

/** The key itself is at fault: its own issue says how. */
const keyFaults = (issue: Issue & { code: 'invalid_key' }): Fault[] =>
  issue.issues.map((inner) => ({
    pointer: toJsonPointer(issue.path),
    code: codeOf(inner),
    detail: `the name ${detailOf(inner)}`,
  }));

function toFaultsOf(issue: Issue, root: unknown, known: KnownNames): Fault[] {
  if (issue.code === 'unrecognized_keys') return unknownFields(issue, known);
  if (issue.code === 'invalid_union') return unionFaults(issue, root, known);
  if (issue.code === 'invalid_key') return keyFaults(issue);
  const pointer = toJsonPointer(issue.path);
  const value = valueAt(root, issue.path);
  if (issue.code === 'invalid_type')
    return value === undefined && issue.path.length > 0
      ? [{ pointer, code: 'required', detail: `is needed: ${article(issue.expected)}` }]
      : [
          {
            pointer,
            code: 'invalid_type',
            detail: `must be ${article(issue.expected)}, not ${issue.expected === 'int' && typeof value === 'number' ? value : describeKind(value)}`,
          },
        ];
  if (issue.code === 'invalid_value' && value === undefined)
    return [
      { pointer, code: 'required', detail: `is needed: one of ${issue.values.map(String).join(', ')}` },
    ];
  return [{ pointer, code: codeOf(issue), detail: detailOf(issue) }];
}

/** Every fault that a schema found, each with its pointer, in the document's order. */
export const toFaults = (error: z.ZodError, root: unknown, known: KnownNames): Fault[] =>
  error.issues.flatMap((issue) => toFaultsOf(issue, root, known));
