import type { Hono } from 'hono';
import { toCursor } from '../../shared/core/list-cursor.ts';
import { createListRequests, type ListDeps } from '../../shared/flows/list-requests.ts';
import { tenantOfCaller } from '../runtime/caller.ts';
import { toFaultyQuery } from '../runtime/problem-response.ts';
import { jsonResponse } from '../runtime/request-response.ts';
import { readListQuery } from './list-query.ts';

/** The HTTP door for lists of requests. */
export const addRequestLists = (app: Hono, deps: ListDeps): void => {
  const list = createListRequests(deps);
  const indexed = deps.settings.index_requests ?? false;
  app.get('/v1/requests', async (context) => {
    const query = readListQuery(new URL(context.req.url).searchParams, {
      tenant: tenantOfCaller(context),
      indexed,
    });
    if (!query.ok) return toFaultyQuery(query.faults);
    const { requests, next } = await list(query.input);
    const nextCursor = next === undefined ? null : toCursor(query.name, next);
    return jsonResponse({ requests, next_cursor: nextCursor }, { status: 200 });
  });
};
