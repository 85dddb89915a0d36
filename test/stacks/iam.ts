import type { PolicyStatement } from './harness.ts';

/** One call as IAM is asked about it. */
export interface Call {
  readonly action: string;
  readonly resource: string;
  /** Condition keys that the call has. */
  readonly context?: Readonly<Record<string, string>>;
}

type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** IAM's wildcards. */
export const matches = (pattern: string, text: string): boolean => {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(text);
};

const holds = (operator: string, wanted: readonly string[], value: string | undefined): boolean => {
  if (operator === 'Null') return wanted.includes(String(value === undefined));
  if (value === undefined) return false;
  if (operator === 'StringEquals') return wanted.includes(value);
  if (operator === 'ArnLike') return wanted.some((pattern) => matches(pattern, value));
  throw new Error(`the condition ${operator} is not known here`);
};

const applies = (
  { Action, Resource, Condition = {} }: PolicyStatement,
  { action, resource, context = {} }: Call,
) =>
  Action.some((pattern) => matches(pattern, action)) &&
  Resource.some((pattern) => matches(pattern, resource)) &&
  Object.entries(Condition as Conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => holds(operator, [wanted].flat(), context[key])),
  );

/** What IAM answers for one policy: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html */
export const isAllowed = (statements: readonly PolicyStatement[], call: Call): boolean => {
  const applying = statements.filter((statement) => applies(statement, call));
  return (
    applying.some(({ Effect }) => Effect === 'Allow') && !applying.some(({ Effect }) => Effect === 'Deny')
  );
};
