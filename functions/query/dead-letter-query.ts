import { limit } from '../../shared/contract/limits.ts';
import type { QueryFault } from '../../shared/contract/problem.ts';
import { type RedriveFilter, redriveFilterSchema } from '../../shared/contract/redrive.ts';
import { DEAD_LETTERS_PARAMETERS } from '../../shared/contract/routes.ts';
import type { Settings } from '../../shared/contract/settings.ts';
import { findPool, poolNames } from '../../shared/core/pool-names.ts';
import {
  type DeadLettersQuestion,
  parseDeadCursor,
} from '../../shared/flows/dead-letters/find-dead-letters.ts';
import { parameterFaults } from '../runtime/query-faults.ts';

export type DeadLetterQuery =
  | { readonly ok: true; readonly question: DeadLettersQuestion }
  | { readonly ok: false; readonly faults: readonly QueryFault[] };

const DEFAULT_LIMIT = 20;

const faultOf = (parameter: string, detail: string): QueryFault => ({
  parameter,
  code: 'invalid_value',
  detail,
});

const shown = (text: string): string => `\`${text.slice(0, 50)}\``;

const NUMBERS = ['older_than_seconds', 'younger_than_seconds'] as const;

/** As an order would have it; numbers come as text. */
const toFilter = (query: URLSearchParams): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.keys(redriveFilterSchema.shape).flatMap((name) => {
      const text = query.get(name);
      if (text === null) return [];
      const isNumber = NUMBERS.some((number) => number === name) && /^\d{1,10}$/.test(text);
      return [[name, isNumber ? Number(text) : text]];
    }),
  );

const allowedFor = (name: string): string => {
  if (name === 'reason') return `one of ${redriveFilterSchema.shape.reason.unwrap().options.join(', ')}`;
  return NUMBERS.some((number) => number === name)
    ? `a whole number of seconds, at most ${limit('result_retention_days') * 86_400}`
    : 'shorter, and not empty';
};

const filterFaults = (query: URLSearchParams): readonly QueryFault[] => {
  const parsed = redriveFilterSchema.safeParse(toFilter(query));
  if (parsed.success) return [];
  const names = [...new Set(parsed.error.issues.map(({ path: [name] }) => String(name)))];
  return names.map((name) =>
    faultOf(name, `must be ${allowedFor(name)}, not ${shown(query.get(name) ?? '')}`),
  );
};

const otherFaults = (query: URLSearchParams, settings: Settings): readonly QueryFault[] => {
  const model = query.get('model');
  const asked = query.get('limit');
  const cursor = query.get('cursor');
  const most = limit('list_entries');
  return [
    ...(model === null || model === '' || findPool(settings, model) !== undefined
      ? []
      : [faultOf('model', `must be one of ${poolNames(settings).join(', ')}, not ${shown(model)}`)]),
    ...(asked === null || (/^\d{1,6}$/.test(asked) && Number(asked) >= 1 && Number(asked) <= most)
      ? []
      : [faultOf('limit', `must be a whole number from 1 to ${most}, not ${shown(asked)}`)]),
    ...(cursor === null || parseDeadCursor(cursor, settings) !== undefined
      ? []
      : [faultOf('cursor', 'must be the `next_cursor` of a list of dead letters')]),
  ];
};

/** Which dead letters a query asks for, or everything that is wrong with it. */
export const readDeadLetterQuery = (query: URLSearchParams, settings: Settings): DeadLetterQuery => {
  const faults = [
    ...parameterFaults(query, DEAD_LETTERS_PARAMETERS),
    ...filterFaults(query),
    ...otherFaults(query, settings),
  ];
  if (faults.length > 0) return { ok: false, faults };
  const filter: RedriveFilter = redriveFilterSchema.parse(toFilter(query));
  const cursor = query.get('cursor');
  return {
    ok: true,
    question: {
      filter,
      limit: Number(query.get('limit') ?? DEFAULT_LIMIT),
      after: cursor === null ? undefined : parseDeadCursor(cursor, settings),
    },
  };
};
