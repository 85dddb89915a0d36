import type { Hono } from 'hono';
import { isObject, type Json, memberOf } from '../../shared/core/answers/json-members.ts';
import { modelNamesOfSettings } from '../../shared/core/dialects/model-names.ts';
import { openAiToEnvelope } from '../../shared/core/dialects/openai/body-to-envelope.ts';
import { toCompletionChunks } from '../../shared/core/dialects/openai/completion-chunks.ts';
import { toOpenAiError } from '../../shared/core/dialects/openai/problem-to-error.ts';
import { toCompletion } from '../../shared/core/dialects/openai/result-to-completion.ts';
import { callableNames, findPool } from '../../shared/core/pool-names.ts';
import type { DoorDeps } from '../runtime/compose-doors.ts';
import { readJsonBody } from '../runtime/json-body.ts';
import { problemResponse } from '../runtime/problem-response.ts';
import { jsonResponse } from '../runtime/request-response.ts';
import type { Ask } from './ask.ts';
import { type EventWords, streamAnswer } from './event-stream.ts';
import type { Dialect } from './speak.ts';
import { toFaulty } from './to-faulty.ts';

export const OPENAI: Dialect = { toError: toOpenAiError, requestIdHeader: 'x-request-id' };

/** Nobody knows when a model of Bedrock was made. */
const toModel = (id: string): Json => ({ id, object: 'model', created: 0, owned_by: 'bedrock' });

const toEvent = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;

const wordsWith = (withUsage: boolean): EventWords => ({
  // A comment, as server-sent events have it: no client takes it for a chunk.
  stillThere: ': waiting\n\n',
  answer: (result) =>
    `${toCompletionChunks(toCompletion(result), withUsage).map(toEvent).join('')}data: [DONE]\n\n`,
  failure: (problem) => toEvent(toOpenAiError(problem).body),
});

export const addOpenAiDoor = (app: Hono, deps: DoorDeps, ask: Ask): void => {
  const models = modelNamesOfSettings(deps.settings);
  const names = callableNames(deps.settings);

  app.post('/openai/v1/chat/completions', async (context) => {
    const body = await readJsonBody(context.req.raw);
    if (!body.ok) return body.response;
    const converted = openAiToEnvelope(body.value, '', { models });
    if (!converted.ok) return toFaulty(converted.faults);
    if (isObject(body.value) && body.value.stream === true) {
      const begun = await ask.begin(context, converted.envelope);
      const withUsage = memberOf(body.value, 'stream_options', 'include_usage') === true;
      return begun.ok
        ? streamAnswer(begun, wordsWith(withUsage), { clock: deps.clock, headers: {} })
        : begun.response;
    }
    const asked = await ask.whole(context, converted.envelope);
    return asked.ok ? jsonResponse(toCompletion(asked.result), { status: 200 }) : asked.response;
  });

  app.get('/openai/v1/models', () =>
    jsonResponse({ object: 'list', data: names.map(toModel) }, { status: 200 }),
  );
  app.get('/openai/v1/models/:model', (context) => {
    const name = context.req.param('model');
    return findPool(deps.settings, name) === undefined
      ? problemResponse('not_found', {
          detail: `There is no model \`${name}\`; there are ${names.join(', ')}.`,
        })
      : jsonResponse(toModel(name), { status: 200 });
  });
};
