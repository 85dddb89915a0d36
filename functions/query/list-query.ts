import { limit } from '../../shared/contract/limits.ts';
import type { QueryFault } from '../../shared/contract/problem.ts';
import { LIST_PARAMETERS } from '../../shared/contract/routes.ts';
import { STATUS_NAMES, type Status } from '../../shared/contract/statuses.ts';
import { parseCursor } from '../../shared/core/list-cursor.ts';
import type { ListInput } from '../../shared/flows/list-requests.ts';
import { parameterFaults } from '../runtime/query-faults.ts';

export type ListName = 'attention' | 'tenant' | 'custom_id';

export type ListQuery =
  | { readonly ok: true; readonly name: ListName; readonly input: ListInput }
  | { readonly ok: false; readonly faults: readonly QueryFault[] };

export interface ListQueryContext {
  readonly tenant: string;
  /** Whether all requests are in an index, or only those that need attention. */
  readonly indexed: boolean;
}

const DEFAULT_LIMIT = 20;
const CUSTOM_ID = new RegExp(`^[A-Za-z0-9_-]{1,${limit('custom_id_characters')}}$`);

const faultOf = (parameter: string, detail: string): QueryFault => ({
  parameter,
  code: 'invalid_value',
  detail,
});

const shown = (text: string): string => `\`${text.slice(0, 50)}\``;

const statusesOf = (query: URLSearchParams): readonly string[] =>
  query.getAll('status').flatMap((text) => text.split(','));

const isStatus = (text: string): text is Status => STATUS_NAMES.some((name) => name === text);

const valueFaults = (query: URLSearchParams): readonly QueryFault[] => {
  const customId = query.get('custom_id');
  const attention = query.get('needs_attention');
  const asked = query.get('limit');
  const most = limit('list_entries');
  return [
    ...statusesOf(query)
      .filter((text) => !isStatus(text))
      .map((text) => faultOf('status', `must be one of ${STATUS_NAMES.join(', ')}, not ${shown(text)}`)),
    ...(customId === null || CUSTOM_ID.test(customId)
      ? []
      : [faultOf('custom_id', `must be a custom_id, not ${shown(customId)}`)]),
    ...(attention === null || ['true', 'false'].includes(attention)
      ? []
      : [faultOf('needs_attention', `must be true or false, not ${shown(attention)}`)]),
    ...(asked === null || (/^\d{1,6}$/.test(asked) && Number(asked) >= 1 && Number(asked) <= most)
      ? []
      : [faultOf('limit', `must be a whole number from 1 to ${most}, not ${shown(asked)}`)]),
  ];
};

const listNameOf = (query: URLSearchParams): ListName => {
  if (query.get('needs_attention') === 'true') return 'attention';
  return query.has('custom_id') ? 'custom_id' : 'tenant';
};

const notIndexed = faultOf(
  'needs_attention',
  'must be true: without the setting `index_requests` only what failed or expired can be listed',
);

/** The parameters of a list, or everything that is wrong with them. */
export const readListQuery = (query: URLSearchParams, context: ListQueryContext): ListQuery => {
  const name = listNameOf(query);
  const cursor = query.get('cursor');
  const after = cursor === null ? undefined : parseCursor(name, cursor);
  const faults = [
    ...parameterFaults(query, LIST_PARAMETERS),
    ...valueFaults(query),
    ...(context.indexed || name === 'attention' ? [] : [notIndexed]),
    ...(cursor !== null && after === undefined
      ? [faultOf('cursor', 'must be the `next_cursor` of the same list, with the same parameters')]
      : []),
  ];
  if (faults.length > 0) return { ok: false, faults };
  const customId = query.get('custom_id') ?? undefined;
  const statuses = statusesOf(query).filter(isStatus);
  return {
    ok: true,
    name,
    input: {
      tenant: context.tenant,
      list: name === 'custom_id' ? { by: name, customId: customId ?? '' } : { by: name },
      limit: Number(query.get('limit') ?? DEFAULT_LIMIT),
      ...(after === undefined ? {} : { after }),
      ...(statuses.length === 0 ? {} : { statuses }),
      ...(customId === undefined ? {} : { customId }),
    },
  };
};
