import { toJsonPointer } from '../contract/json-pointer.ts';
import { limit } from '../contract/limits.ts';
import { BUCKET, NAME_PREFIX } from '../contract/names.ts';
import type { Fault } from '../contract/problem.ts';

/** The bucket of any deployment, whatever its environment, account and region are called. */
const OWN_BUCKET = new RegExp(`^s3://${NAME_PREFIX}([a-z0-9-]+-)?${BUCKET}(-|/|$)`, 'i');

/** As Converse, and the models that InvokeModel reaches, call what names an object: `s3Location.uri`, `s3Uri`. */
const isUri = (name: string): boolean => /uri$/i.test(name);

/** What is nested deeper than is allowed is refused for that. */
const pointersIn = (value: unknown, path: readonly string[]): readonly string[] => {
  if (typeof value !== 'object' || value === null || path.length > limit('nesting_levels') + 1) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'string'
      ? isUri(name) && OWN_BUCKET.test(inner.trim())
        ? [toJsonPointer([...path, name])]
        : []
      : pointersIn(inner, [...path, name]),
  );
};

/**
 * Bedrock reads objects that a request names with the rights of whoever calls it: those of the drain, who may read the inputs
 * and results of every tenant.
 */
export const ownObjectFaults = (fields: Readonly<Record<string, unknown>>): readonly Fault[] =>
  pointersIn(fields, []).map((pointer) => ({
    pointer,
    code: 'invalid_value',
    detail: 'must not be an object of the pipeline’s own bucket; name one of yours',
  }));
