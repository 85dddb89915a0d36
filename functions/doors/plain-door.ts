import type { Hono } from 'hono';
import { PLAIN_PATHS } from '../../shared/contract/door-routes.ts';
import { chatToEnvelope, toChatAnswer } from '../../shared/core/dialects/plain/chat.ts';
import type { DoorDeps } from '../runtime/compose-doors.ts';
import { readJsonBody } from '../runtime/json-body.ts';
import { jsonResponse, retryAfterOf } from '../runtime/request-response.ts';
import type { Ask } from './ask.ts';

/** Browsers and what stands before them seldom wait longer than half a minute. */
const UNSAID_SECONDS = 25;

/** What simple services have: one call, answered at once where the turn comes soon, and else with where to look. */
export const addPlainDoor = (app: Hono, deps: DoorDeps, ask: Ask): void => {
  const seconds = deps.settings.chat_wait_seconds ?? UNSAID_SECONDS;
  app.on('POST', [...PLAIN_PATHS], async (context) => {
    const body = await readJsonBody(context.req.raw);
    if (!body.ok) return body.response;
    const asked = await ask.whole(context, chatToEnvelope(body.value), seconds);
    if (asked.ok) return jsonResponse(toChatAnswer(asked.result), { status: 200 });
    const { pending } = asked;
    if (pending === undefined) return asked.response;
    const location = `/v1/requests/${pending.request_id}`;
    return jsonResponse(
      { ...pending, poll: location, events: `${location}/events` },
      { status: 202, headers: { location, ...retryAfterOf(pending) } },
    );
  });
};
