import type { Context, Hono } from 'hono';
import type { Result } from '../../shared/contract/request.ts';
import { isObject, type Json } from '../../shared/core/answers/json-members.ts';
import { toMessageEvents } from '../../shared/core/dialects/anthropic/message-events.ts';
import { toAnthropicMessage } from '../../shared/core/dialects/anthropic/result-to-message.ts';
import { toConverseEvents } from '../../shared/core/dialects/bedrock/converse-events.ts';
import { encodeMessage } from '../../shared/core/dialects/bedrock/event-message.ts';
import { toBedrockError } from '../../shared/core/dialects/bedrock/problem-to-error.ts';
import { toConverseAnswer } from '../../shared/core/dialects/bedrock/result-to-answer.ts';
import { fault, type PlaceFault } from '../../shared/core/dialects/converted.ts';
import {
  isAnthropic,
  type ModelNames,
  modelNamesOfSettings,
} from '../../shared/core/dialects/model-names.ts';
import type { DoorDeps } from '../runtime/compose-doors.ts';
import { readJsonBody, readUntypedJson } from '../runtime/json-body.ts';
import { jsonResponse } from '../runtime/request-response.ts';
import type { Ask } from './ask.ts';
import type { Dialect } from './speak.ts';
import { toFaulty } from './to-faulty.ts';

export const BEDROCK: Dialect = { toError: toBedrockError, requestIdHeader: 'x-amzn-requestid' };

/** InvokeModel says in headers what its body has no place for. To do without them would be another call. */
const NOT_CARRIED = [
  'x-amzn-bedrock-guardrailidentifier',
  'x-amzn-bedrock-guardrailversion',
  'x-amzn-bedrock-trace',
  'x-amzn-bedrock-performanceconfig-latency',
] as const;

const headerFaults = ({ req }: Context): readonly PlaceFault[] =>
  NOT_CARRIED.filter((name) => req.header(name) !== undefined).map((name) =>
    fault(`/${name}`, 'is not taken here; call Converse, whose body has a place for it, or leave it out'),
  );

const converseFaults = (body: unknown): readonly PlaceFault[] =>
  isObject(body) && body.additionalModelResponseFieldPaths !== undefined
    ? [fault('/additionalModelResponseFieldPaths', 'is not answered here; leave it out')]
    : [];

const answerTo = (result: Result, body: unknown, headers: Readonly<Record<string, string>> = {}): Response =>
  jsonResponse(body as object, {
    status: 200,
    headers: { [BEDROCK.requestIdHeader]: result.request_id, ...headers },
  });

const countsOf = ({ usage, latency_ms: latencyMs }: Result): Readonly<Record<string, string>> => ({
  'x-amzn-bedrock-invocation-latency': String(latencyMs ?? 0),
  'x-amzn-bedrock-input-token-count': String(usage?.input_tokens ?? 0),
  'x-amzn-bedrock-output-token-count': String(usage?.output_tokens ?? 0),
  'x-amzn-bedrock-cache-read-input-token-count': String(usage?.cache_read_tokens ?? 0),
  'x-amzn-bedrock-cache-write-input-token-count': String(usage?.cache_write_tokens ?? 0),
});

/** Every family has a way of its own to stream, and one is known here. */
const familyFaults = ({ req }: Context, models: ModelNames): readonly PlaceFault[] => {
  const model = models.find(req.param('model'));
  return model === undefined || isAnthropic(model)
    ? []
    : [fault('', `${model.modelId} is not one of Anthropic’s: call ConverseStream, or InvokeModel`)];
};

const encodeEvent = (type: string, payload: Json): Uint8Array =>
  encodeMessage(
    { ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' },
    JSON.stringify(payload),
  );

/** The whole answer as the stream of events that it would have been: made once it is there. */
const eventsTo = (result: Result, messages: readonly Uint8Array[]): Response =>
  new Response(Buffer.concat(messages), {
    headers: {
      'content-type': 'application/vnd.amazon.eventstream',
      [BEDROCK.requestIdHeader]: result.request_id,
      'x-amzn-bedrock-content-type': 'application/json',
    },
  });

export const addBedrockDoor = (app: Hono, deps: DoorDeps, ask: Ask): void => {
  const models = modelNamesOfSettings(deps.settings);
  const askWith = async (context: Context, faults: readonly PlaceFault[], envelope: Json) =>
    faults.length > 0
      ? ({ ok: false, response: toFaulty(faults) } as const)
      : ask.whole(context, { model: context.req.param('model'), ...envelope });

  app.post('/bedrock/model/:model/converse', async (context) => {
    const body = await readJsonBody(context.req.raw);
    if (!body.ok) return body.response;
    const asked = await askWith(context, converseFaults(body.value), { converse: body.value });
    return asked.ok ? answerTo(asked.result, toConverseAnswer(asked.result)) : asked.response;
  });

  app.post('/bedrock/model/:model/converse-stream', async (context) => {
    const body = await readJsonBody(context.req.raw);
    if (!body.ok) return body.response;
    const asked = await askWith(context, converseFaults(body.value), { converse: body.value });
    if (!asked.ok) return asked.response;
    const events = toConverseEvents(toConverseAnswer(asked.result));
    return eventsTo(
      asked.result,
      events.map(({ type, payload }) => encodeEvent(type, payload)),
    );
  });

  app.post('/bedrock/model/:model/invoke-with-response-stream', async (context) => {
    const body = await readUntypedJson(context.req.raw);
    if (!body.ok) return body.response;
    const faults = [...headerFaults(context), ...familyFaults(context, models)];
    const asked = await askWith(context, faults, { invoke_model: body.value });
    if (!asked.ok) return asked.response;
    const events = toMessageEvents(toAnthropicMessage(asked.result));
    return eventsTo(
      asked.result,
      events.map((event) =>
        encodeEvent('chunk', { bytes: Buffer.from(JSON.stringify(event)).toString('base64') }),
      ),
    );
  });

  app.post('/bedrock/model/:model/invoke', async (context) => {
    const body = await readUntypedJson(context.req.raw);
    if (!body.ok) return body.response;
    const asked = await askWith(context, headerFaults(context), { invoke_model: body.value });
    return asked.ok ? answerTo(asked.result, asked.result.output, countsOf(asked.result)) : asked.response;
  });
};
