import type { Context, Hono } from 'hono';
import { isObject, type Json } from '../../shared/core/answers/json-members.ts';
import { toMessageEvents } from '../../shared/core/dialects/anthropic/message-events.ts';
import { anthropicToEnvelope } from '../../shared/core/dialects/anthropic/params-to-envelope.ts';
import {
  toAnthropicError,
  toAnthropicErrorBody,
} from '../../shared/core/dialects/anthropic/problem-to-error.ts';
import { toAnthropicMessage } from '../../shared/core/dialects/anthropic/result-to-message.ts';
import { modelNamesOfSettings } from '../../shared/core/dialects/model-names.ts';
import { callableNames, findPool } from '../../shared/core/pool-names.ts';
import type { DoorDeps } from '../runtime/compose-doors.ts';
import { readJsonBody } from '../runtime/json-body.ts';
import { problemResponse } from '../runtime/problem-response.ts';
import { jsonResponse } from '../runtime/request-response.ts';
import type { Ask } from './ask.ts';
import { type EventWords, streamAnswer } from './event-stream.ts';
import type { Dialect } from './speak.ts';
import { toFaulty } from './to-faulty.ts';

export const ANTHROPIC: Dialect = { toError: toAnthropicError, requestIdHeader: 'request-id' };

/** Nobody knows when a model of Bedrock was made. */
const NO_TIME = '1970-01-01T00:00:00Z';

const toModel = (id: string): Json => ({ type: 'model', id, display_name: id, created_at: NO_TIME });

/** Bedrock has in the body what Anthropic's own API has in a header. */
const withBetas = (body: unknown, { req }: Context): unknown => {
  const betas = (req.header('anthropic-beta') ?? '').split(',').map((beta) => beta.trim());
  const named = betas.filter((beta) => beta !== '');
  return named.length === 0 || !isObject(body) ? body : { ...body, anthropic_beta: named };
};

const toEvent = (event: Json): string => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`;

const WORDS: EventWords = {
  stillThere: toEvent({ type: 'ping' }),
  answer: (result) => toMessageEvents(toAnthropicMessage(result)).map(toEvent).join(''),
  failure: (problem) => toEvent(toAnthropicErrorBody(problem)),
};

export const addAnthropicDoor = (app: Hono, deps: DoorDeps, ask: Ask): void => {
  const models = modelNamesOfSettings(deps.settings);
  const names = callableNames(deps.settings);

  app.post('/anthropic/v1/messages', async (context) => {
    const body = await readJsonBody(context.req.raw);
    if (!body.ok) return body.response;
    const converted = anthropicToEnvelope(withBetas(body.value, context), '', { models });
    if (!converted.ok) return toFaulty(converted.faults);
    if (isObject(body.value) && body.value.stream === true) {
      const begun = await ask.begin(context, converted.envelope);
      if (!begun.ok) return begun.response;
      const headers = { [ANTHROPIC.requestIdHeader]: begun.requestId };
      return streamAnswer(begun, WORDS, { clock: deps.clock, headers });
    }
    const asked = await ask.whole(context, converted.envelope);
    if (!asked.ok) return asked.response;
    const { result } = asked;
    return jsonResponse(toAnthropicMessage(result), {
      status: 200,
      headers: { [ANTHROPIC.requestIdHeader]: result.request_id },
    });
  });

  app.get('/anthropic/v1/models', () =>
    jsonResponse(
      {
        data: names.map(toModel),
        has_more: false,
        first_id: names[0] ?? null,
        last_id: names.at(-1) ?? null,
      },
      { status: 200 },
    ),
  );
  app.get('/anthropic/v1/models/:model', (context) => {
    const name = context.req.param('model');
    return findPool(deps.settings, name) === undefined
      ? problemResponse('not_found', {
          detail: `There is no model \`${name}\`; there are ${names.join(', ')}.`,
        })
      : jsonResponse(toModel(name), { status: 200 });
  });
};
