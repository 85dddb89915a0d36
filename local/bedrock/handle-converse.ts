import type { OpenCall } from './call-log.ts';
import { lastUserText, markerOf, type Plan, planConverse, toConverseResponse } from './converse.ts';
import { type ConverseRequest, readConverseRequest } from './converse-request.ts';
import { type Directives, parseDirectives } from './directives.ts';
import { type ServiceError, serviceError, tooManyTokens, unknownModel } from './errors.ts';
import { errorResponse, jsonResponse } from './http-answers.ts';
import { tokensProduced, totalMs } from './latency.ts';
import type { LiveModel } from './model-registry.ts';
import type { Exchange, Response } from './one-port-server.ts';
import type { Service } from './service.ts';
import { tokensToCharge, tokensToHold } from './token-rules.ts';
import { findRequestFault } from './validate-request.ts';
import { waitFor } from './wait.ts';

/** The service takes 25,000,000 bytes. */
const maxBodyBytes = 25_000_000;
const tooLong = serviceError('ValidationException', 'Input is too long for requested model.');

/** Resolves without a response when the client has left. */
export async function handleConverse(
  service: Service,
  modelId: string,
  exchange: Exchange,
): Promise<Response | undefined> {
  const body = await exchange.readBody(maxBodyBytes);
  if (body.kind === 'cut_off') return undefined;
  const checked = checkRequest(service, modelId, body.kind === 'whole' ? body.text : undefined);
  const call = service.calls.open({
    at_ms: service.clock(),
    model: checked.model?.id ?? modelId,
    marker: checked.request === undefined ? '' : markerOf(checked.request),
  });
  if (checked.kind === 'accepted') return serve(service, { ...checked, call, left: exchange.left });
  call.end({ kind: 'invalid', status: checked.error.status });
  return errorResponse(checked.error);
}

type Checked =
  | {
      readonly kind: 'accepted';
      readonly model: LiveModel;
      readonly request: ConverseRequest;
      readonly directives: Directives;
    }
  | {
      readonly kind: 'rejected';
      readonly model: LiveModel | undefined;
      readonly request?: ConverseRequest;
      readonly error: ServiceError;
    };

function checkRequest(service: Service, modelId: string, body: string | undefined): Checked {
  const model = service.models.find(modelId);
  if (body === undefined) return { kind: 'rejected', model, error: tooLong };
  const read = readConverseRequest(body);
  if (read.kind === 'error') return { kind: 'rejected', model, error: read.error };
  const { request } = read;
  if (model === undefined) return { kind: 'rejected', model, request, error: unknownModel };
  const fault = findRequestFault(request, model.settings().maxOutputTokens);
  if (fault !== undefined) return { kind: 'rejected', model, request, error: fault };
  const parsed = parseDirectives(lastUserText(request));
  if (parsed.kind === 'directives')
    return { kind: 'accepted', model, request, directives: parsed.directives };
  return { kind: 'rejected', model, request, error: serviceError('ValidationException', parsed.message) };
}

interface AcceptedCall {
  readonly model: LiveModel;
  readonly request: ConverseRequest;
  readonly directives: Directives;
  readonly call: OpenCall;
  readonly left: AbortSignal;
}

async function serve(service: Service, accepted: AcceptedCall): Promise<Response | undefined> {
  const { model, request, directives, call, left } = accepted;
  const { seed, latencyScale, clock, faults } = service;
  const text = lastUserText(request);
  const denied = faults.next('before_quota', text, directives);
  if (denied !== undefined) {
    call.end({ kind: 'invalid', status: denied.status });
    return errorResponse(denied);
  }
  const settings = model.settings();
  const plan = planConverse(request, { modelId: model.id, settings, directives, seed, latencyScale });
  const heldTokens = tokensToHold(plan.input, { ...settings, maxTokens: plan.maxTokens });
  if (!model.hold(heldTokens, clock())) {
    call.end({ kind: 'refused', status: tooManyTokens.status });
    await waitFor(plan.refusalMs, left);
    return errorResponse(tooManyTokens);
  }
  call.admitted();
  const fault = faults.next('by_model', text, directives);
  const end = await runAdmitted({ plan, fault, left, clock });
  const { burndown } = settings;
  const chargedTokens = end.kind === 'faults' ? 0 : tokensToCharge(plan.input, { burndown, ...end });
  model.settle({ heldTokens, chargedTokens }, clock());
  call.end(end);
  if (fault !== undefined) return errorResponse(fault);
  return end.kind === 'answered' ? jsonResponse(200, toConverseResponse(plan, request)) : undefined;
}

interface Run {
  readonly plan: Plan;
  readonly fault: ServiceError | undefined;
  readonly left: AbortSignal;
  readonly clock: () => number;
}

type RunEnd =
  | { readonly kind: 'answered' | 'aborted'; readonly outputTokens: number }
  | { readonly kind: 'faults'; readonly status: number };

/** A fault shows itself where the first token would have come. */
async function runAdmitted({ plan, fault, left, clock }: Run): Promise<RunEnd> {
  const { latency, answer } = plan;
  const startMs = clock();
  if (fault !== undefined) {
    await waitFor(latency.ttftMs > 0 ? latency.ttftMs : totalMs(latency), left);
    return { kind: 'faults', status: fault.status };
  }
  if (await waitFor(totalMs(latency), left)) return { kind: 'answered', outputTokens: answer.outputTokens };
  const outputTokens = tokensProduced(latency, answer.outputTokens, clock() - startMs);
  return { kind: 'aborted', outputTokens };
}
