import { inputUseOf, prefixesOf } from './answer/prompt-cache.ts';
import type { CallEnd, OpenCall } from './call-log.ts';
import type { Accepted } from './check-call.ts';
import { refusalOf, type ServiceError } from './faults/errors.ts';
import type { FaultyCall } from './faults/fault-plan.ts';
import type { Fault } from './faults/faults.ts';
import type { Operation } from './operations.ts';
import { amountsOfFault, amountsToCharge, amountsToHold } from './quota/token-rules.ts';
import { lastUserText } from './request/marker.ts';
import { type RunningCall, runCall } from './run-call.ts';
import type { Service } from './service.ts';
import { errorResponse } from './wire/http-answers.ts';
import type { Exchange } from './wire/one-port-server.ts';

export interface ServedCall {
  readonly accepted: Accepted;
  readonly operation: Operation;
  readonly call: OpenCall;
  readonly exchange: Exchange;
}

/** From the door to the answer: faults before the quota, the quota, the answer, the settlement. */
export async function serveCall(service: Service, served: ServedCall): Promise<void> {
  const { accepted, operation, call, exchange } = served;
  const { model, request, directives, plan } = accepted;
  const { clock, faults } = service;
  const faulty: FaultyCall = { model: model.id, text: lastUserText(request), directives, nowMs: clock() };
  const early = faults.next('before_quota', faulty);
  if (early !== undefined) return turnAway(service, served, early);

  const settings = model.settings();
  const prefixes = prefixesOf(request);
  const input = inputUseOf(request, prefixes, (prefix) => model.cache.holds(prefix, clock()));
  const holds = amountsToHold(input, { ...settings, maxTokens: plan.maxTokens });
  const admission = model.admit(holds, clock());
  if (admission.kind === 'refused') return refuse(service, served, refusalOf(admission.lacking));

  call.admitted();
  const { hold } = admission;
  const running: RunningCall = {
    accepted,
    input,
    streams: operation.streams,
    fault: faults.next('admitted', faulty),
    slowFactor: faults.slowFactor(faulty),
    left: exchange.left,
    reply: operation.reply({ exchange, modelId: model.id, request, input }),
    cut: exchange.cut,
  };
  const run = await runCall(service, running).catch((error: unknown) => {
    model.settle({ hold, charges: {} }, clock());
    call.end({ kind: 'faults', status: 500, outputTokens: 0 });
    throw error;
  });
  const { burndown } = settings;
  const whole = amountsToCharge(run.input, { burndown, outputTokens: run.end.outputTokens });
  const otpm = Math.max(0, run.end.outputTokens - run.chargedOutputTokens);
  model.settle({ hold, charges: run.isFree ? amountsOfFault : { ...whole, otpm } }, clock());
  if (!run.isFree) model.tokens.add(run.input, run.end.outputTokens, clock());
  if (run.end.kind === 'answered') model.cache.remember(prefixes, clock());
  call.end(run.end);
  run.respond();
}

async function turnAway(service: Service, served: ServedCall, fault: Fault): Promise<void> {
  if (!('error' in fault)) return;
  if (fault.kind === 'refused') {
    served.accepted.model.refuse(service.clock());
    return refuse(service, served, fault.error);
  }
  served.call.end({ kind: 'invalid', status: fault.error.status });
  served.exchange.respond(errorResponse(fault.error));
}

async function refuse(service: Service, served: ServedCall, error: ServiceError): Promise<void> {
  const { accepted, call, exchange } = served;
  const end: CallEnd = { kind: 'refused', status: error.status };
  call.end(end);
  await service.wait(accepted.plan.refusalMs, exchange.left);
  exchange.respond(errorResponse(error));
}
