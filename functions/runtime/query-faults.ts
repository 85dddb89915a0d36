import type { MiddlewareHandler } from 'hono';
import { nearestName } from '../../shared/contract/nearest-name.ts';
import type { QueryFault } from '../../shared/contract/problem.ts';
import { LISTED_PARAMETERS } from '../../shared/contract/routes.ts';
import { findRoute } from './find-route.ts';
import { toFaultyQuery } from './problem-response.ts';

const knownHere = (known: readonly string[]): string =>
  known.length === 0 ? 'none is known here' : `known are ${known.join(', ')}`;

const detailOf = (name: string, known: readonly string[]): string => {
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? knownHere(known) : `did you mean \`${nearest}\`?`;
  return `\`${name.slice(0, 50)}\` is no parameter here; ${hint}`;
};

/** A fault for each parameter that a route does not know. */
const unknownParameters = (query: URLSearchParams, known: readonly string[]): readonly QueryFault[] =>
  [...new Set(query.keys())]
    .filter((name) => !known.includes(name))
    .map((parameter) => ({ parameter, code: 'unknown_field', detail: detailOf(parameter, known) }));

/** Which of two values was meant nobody knows. */
export const repeatedParameters = (query: URLSearchParams, known: readonly string[]): readonly QueryFault[] =>
  known.flatMap((parameter): readonly QueryFault[] => {
    const { length: times } = query.getAll(parameter);
    const isOnce = times < 2 || LISTED_PARAMETERS.some((listed) => listed === parameter);
    return isOnce ? [] : [{ parameter, code: 'invalid_value', detail: `is given ${times} times; keep one` }];
  });

/** What is wrong with the parameters, whatever their values. */
export const parameterFaults = (query: URLSearchParams, known: readonly string[]): readonly QueryFault[] => [
  ...unknownParameters(query, known),
  ...repeatedParameters(query, known),
];

/**
 * Refuses parameters where a route knows none. Those that know some find the unknown ones themselves, so that all
 * faults of a query are named at once.
 */
export const refuseParameters: MiddlewareHandler = (context, next) => {
  const { url, method, path } = context.req;
  if (!url.includes('?')) return next();
  const route = findRoute(method, path);
  if (route === undefined || route.parameters !== undefined) return next();
  const faults = unknownParameters(new URL(url).searchParams, []);
  return faults.length === 0 ? next() : Promise.resolve(toFaultyQuery(faults));
};
