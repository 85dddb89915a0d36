import { maxTokensOf, type Plan, planCall } from './answer/plan-call.ts';
import { type ServiceError, serviceError, unknownModel } from './faults/errors.ts';
import type { LiveModel } from './live-model.ts';
import type { Operation } from './operations.ts';
import { toChatRequest } from './request/chat-completions.ts';
import type { Block, ConverseRequest } from './request/converse-request.ts';
import { type Directives, parseDirectives } from './request/directives.ts';
import { type Features, readFeatures } from './request/features.ts';
import { lastUserText } from './request/marker.ts';
import { findRequestFault } from './request/validate-request.ts';
import type { Service } from './service.ts';
import { calledRegion } from './wire/called-region.ts';
import type { Exchange } from './wire/one-port-server.ts';

export type Checked =
  | { readonly kind: 'accepted'; readonly accepted: Accepted }
  | {
      readonly kind: 'rejected';
      readonly model: LiveModel | undefined;
      readonly request?: ConverseRequest;
      readonly error: ServiceError;
    };

/** A call that the service understands; only faults and the quota can stand in its way. */
export interface Accepted {
  readonly model: LiveModel;
  readonly request: ConverseRequest;
  readonly directives: Directives;
  readonly plan: Plan;
  /** What the server behind is asked, where there is one. */
  readonly chat: Block | undefined;
}

export interface CallToCheck {
  readonly operation: Operation;
  readonly modelId: string;
  /** Undefined when it is too long. */
  readonly body: string | undefined;
  readonly exchange: Exchange;
}

const tooLong = serviceError('ValidationException', 'Input is too long for requested model.');

export function checkCall(service: Service, { operation, modelId, body, exchange }: CallToCheck): Checked {
  const model = service.models.find(modelId, calledRegion(exchange));
  if (body === undefined) return { kind: 'rejected', model, error: tooLong };
  const read = operation.read(body, exchange);
  if (read.kind === 'error') return { kind: 'rejected', model, error: read.error };
  const { request } = read;
  if (model === undefined) return { kind: 'rejected', model, request, error: unknownModel };
  const error = findRequestFault(request, model.settings().maxOutputTokens);
  if (error !== undefined) return { kind: 'rejected', model, request, error };
  const accepted = acceptCall(service, { model, request, stream: operation.streams });
  if (typeof accepted !== 'string') return { kind: 'accepted', accepted };
  return { kind: 'rejected', model, request, error: serviceError('ValidationException', accepted) };
}

interface Asked {
  readonly model: LiveModel;
  readonly request: ConverseRequest;
  readonly stream: boolean;
}

/** Or what is wrong. */
function acceptCall(service: Service, asked: Asked): Accepted | string {
  const { model, request } = asked;
  const { seed, latencyScale, forward } = service;
  const directives = parseDirectives(lastUserText(request));
  if (directives.kind === 'fault') return directives.message;
  const features = readFeatures(request);
  if (features.kind === 'fault') return features.message;
  const settings = model.settings();
  const known = { modelId: model.id, settings, seed, latencyScale, ...directives, ...features };
  if (forward === undefined) {
    const read = planCall(request, known);
    if (read.kind === 'fault') return read.message;
    return { model, request, directives: directives.directives, plan: read.plan, chat: undefined };
  }
  return acceptForwarded({ ...asked, ...directives, ...features }, service);
}

interface AskedBehind extends Asked {
  readonly directives: Directives;
  readonly features: Features;
}

function acceptForwarded(asked: AskedBehind, service: Service): Accepted | string {
  const { model, request, directives, features, stream } = asked;
  const { fault: _fault, times: _times, ...answering } = directives;
  const [directive] = Object.keys(answering);
  if (directive !== undefined)
    return `The simulator cannot follow ${directive} while it forwards to another server`;
  const settings = model.settings();
  const maxTokens = maxTokensOf(request, settings);
  const name = service.forward?.model ?? model.id;
  const chat = toChatRequest(request, { model: name, features, maxTokens, stream });
  if (chat.kind === 'fault') return chat.message;
  const { seed, latencyScale } = service;
  const read = planCall(request, {
    modelId: model.id,
    settings,
    seed,
    latencyScale,
    directives: { text: '' },
    features,
  });
  return read.kind === 'fault'
    ? read.message
    : { model, request, directives, plan: read.plan, chat: chat.body };
}
