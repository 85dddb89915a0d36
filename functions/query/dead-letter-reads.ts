import type { Context, Hono } from 'hono';
import { REDRIVE_ID_PATTERN, REQUEST_ID_PATTERN } from '../../shared/contract/keys.ts';
import { limit } from '../../shared/contract/limits.ts';
import type { QueryFault } from '../../shared/contract/problem.ts';
import { REDRIVES_PARAMETERS } from '../../shared/contract/routes.ts';
import type { Settings } from '../../shared/contract/settings.ts';
import { toDeadCursor } from '../../shared/flows/dead-letters/find-dead-letters.ts';
import {
  createListDeadLetters,
  createReadDeadLetter,
  type ListDeadDeps,
} from '../../shared/flows/dead-letters/list-dead-letters.ts';
import type { RedriveLog } from '../../shared/ports/redrive-log.ts';
import { operatorOfCall } from '../runtime/operator.ts';
import { problemResponse, toFaultyQuery } from '../runtime/problem-response.ts';
import { parameterFaults } from '../runtime/query-faults.ts';
import { jsonResponse } from '../runtime/request-response.ts';
import { readDeadLetterQuery } from './dead-letter-query.ts';

export interface DeadLetterReadDeps extends ListDeadDeps {
  readonly redrives: RedriveLog;
}

const DEFAULT_REDRIVES = 20;

/** The answer to a caller who may not see this. */
const refuse = (context: Context, settings: Settings): Response | undefined => {
  const operator = operatorOfCall(context, settings);
  return operator.kind === 'refused'
    ? problemResponse('not_an_operator', { detail: operator.detail })
    : undefined;
};

const redrivesFaults = (query: URLSearchParams): readonly QueryFault[] => {
  const most = limit('list_entries');
  const asked = query.get('limit');
  const before = query.get('before');
  const isLimit = asked === null || (/^[1-9]\d{0,5}$/.test(asked) && Number(asked) <= most);
  const limitDetail = `must be a whole number from 1 to ${most}, not \`${asked?.slice(0, 50)}\``;
  return [
    ...parameterFaults(query, REDRIVES_PARAMETERS),
    ...(isLimit ? [] : [{ parameter: 'limit', code: 'out_of_range', detail: limitDetail } as const]),
    ...(before === null || REDRIVE_ID_PATTERN.test(before)
      ? []
      : [
          {
            parameter: 'before',
            code: 'invalid_value',
            detail: 'must be the `next_before` of a page before',
          } as const,
        ]),
  ];
};

const addRedriveReads = (app: Hono, { settings, redrives }: DeadLetterReadDeps): void => {
  app.get('/v1/redrives', async (context) => {
    const refused = refuse(context, settings);
    if (refused !== undefined) return refused;
    const query = new URL(context.req.url).searchParams;
    const faults = redrivesFaults(query);
    if (faults.length > 0) return toFaultyQuery(faults);
    const most = Number(query.get('limit') ?? DEFAULT_REDRIVES);
    const listed = await redrives.list(query.get('before') ?? undefined, most);
    const next = listed.length < most ? null : (listed.at(-1)?.redrive_id ?? null);
    return jsonResponse({ redrives: listed, next_before: next }, { status: 200 });
  });
};

/** The HTTP door for what failed and can be sent again, and for who did so. */
export const addDeadLetterReads = (app: Hono, deps: DeadLetterReadDeps): void => {
  const list = createListDeadLetters(deps);
  const read = createReadDeadLetter(deps);
  app.get('/v1/dead-letters', async (context) => {
    const refused = refuse(context, deps.settings);
    if (refused !== undefined) return refused;
    const query = readDeadLetterQuery(new URL(context.req.url).searchParams, deps.settings);
    if (!query.ok) return toFaultyQuery(query.faults);
    const { letters, next } = await list(query.question);
    const cursor = next === undefined ? null : toDeadCursor(next);
    return jsonResponse({ dead_letters: letters, next_cursor: cursor }, { status: 200 });
  });
  app.get('/v1/dead-letters/:id', async (context) => {
    const refused = refuse(context, deps.settings);
    if (refused !== undefined) return refused;
    const id = context.req.param('id');
    const letter = REQUEST_ID_PATTERN.test(id) ? await read(id) : undefined;
    return letter === undefined
      ? problemResponse('not_found', { detail: `${id.slice(0, 50)} is no dead letter.` })
      : jsonResponse(letter, { status: 200 });
  });
  addRedriveReads(app, deps);
};
