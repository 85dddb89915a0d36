import { forward } from './answer/forward.ts';
import { ForwardError } from './answer/forward-error.ts';
import { type Finish, type Generation, simulate } from './answer/generation.ts';
import { slowedDown, totalMs } from './answer/latency.ts';
import type { Reply } from './answer/reply.ts';
import type { CallEnd } from './call-log.ts';
import type { Accepted } from './check-call.ts';
import type { Fault } from './faults/faults.ts';
import type { InputUse } from './quota/token-rules.ts';
import type { Service } from './service.ts';
import { connectionCutStatus } from './truth.ts';
import { untilAborted } from './wait.ts';

/** An admitted call. */
export interface RunningCall {
  readonly accepted: Accepted;
  readonly input: InputUse;
  readonly streams: boolean;
  readonly fault: Fault | undefined;
  readonly slowFactor: number;
  readonly left: AbortSignal;
  readonly reply: Reply;
  readonly cut: () => void;
}

export interface Run {
  readonly end: Extract<CallEnd, { readonly outputTokens: number }>;
  readonly input: InputUse;
  /** Already charged while it was produced. */
  readonly chargedOutputTokens: number;
  /** The hold is given back. */
  readonly isFree: boolean;
  /** What is left to tell the client, once the quota is settled. */
  readonly respond: () => void;
}

const nothing = () => undefined;

export async function runCall(service: Service, running: RunningCall): Promise<Run> {
  const { fault, input, left, reply, accepted, slowFactor } = running;
  const none = { input, chargedOutputTokens: 0 };
  if (fault?.kind === 'silent') {
    await untilAborted(left);
    return { ...none, end: { kind: 'aborted', outputTokens: 0 }, isFree: false, respond: nothing };
  }
  if (fault?.kind === 'error') {
    const { ttftMs, generationMs } = slowedDown(accepted.plan.latency, slowFactor);
    await service.wait(ttftMs > 0 ? ttftMs : totalMs({ ttftMs, generationMs }), left);
    const end = { kind: 'faults' as const, status: fault.error.status, outputTokens: 0 };
    return { ...none, end, isFree: true, respond: () => reply.error(fault.error) };
  }
  return listen(service, running, startGeneration(service, running));
}

/** As long as Node's own fetch waits. */
const defaultSilenceMs = 300_000;

function startGeneration(service: Service, running: RunningCall): Generation {
  const { accepted, input, left, slowFactor, fault, streams } = running;
  const { clock, wait } = service;
  const { plan, chat, model } = accepted;
  if (chat !== undefined && service.forward !== undefined) {
    const { baseUrl, apiKey, silenceMs = defaultSilenceMs } = service.forward;
    return forward({ baseUrl, apiKey, silenceMs, body: chat, estimate: input, left, clock });
  }
  const paced = streams || fault !== undefined || model.settings().outputTokensPerMinute !== undefined;
  const latency = slowedDown(plan.latency, slowFactor);
  return simulate({ answer: plan.answer, input, latency, paced, left, wait, clock });
}

/** Hands the pieces on until the end, or until a fault strikes in the middle. */
async function listen(service: Service, running: RunningCall, generation: Generation): Promise<Run> {
  const { accepted, fault, reply, input } = running;
  const chargesAsProduced = accepted.model.settings().outputTokensPerMinute !== undefined;
  let producedTokens = 0;
  try {
    for (;;) {
      const next = await generation.pieces.next();
      const charged = { chargedOutputTokens: chargesAsProduced ? producedTokens : 0 };
      if (next.done === true) return ended(next.value, { ...charged, generation, running });
      reply.piece(next.value);
      producedTokens += next.value.tokens;
      if (chargesAsProduced) accepted.model.charge({ otpm: next.value.tokens }, service.clock());
      if (fault === undefined || !isHalfway(producedTokens, generation.expectedTokens)) continue;
      const chargedOutputTokens = chargesAsProduced ? producedTokens : 0;
      return { ...broken(fault, producedTokens, running), input, chargedOutputTokens };
    }
  } catch (error) {
    if (!(error instanceof ForwardError)) throw error;
    const chargedOutputTokens = chargesAsProduced ? producedTokens : 0;
    const end = { kind: 'faults' as const, status: error.error.status, outputTokens: producedTokens };
    return { input, chargedOutputTokens, end, isFree: true, respond: () => reply.error(error.error) };
  } finally {
    await generation.pieces.return(undefined);
  }
}

interface Listened {
  readonly chargedOutputTokens: number;
  readonly generation: Generation;
  readonly running: RunningCall;
}

function ended(finish: Finish | undefined, { chargedOutputTokens, generation, running }: Listened): Run {
  const { reply } = running;
  if (finish === undefined) {
    const end = { kind: 'aborted' as const, outputTokens: generation.producedTokens() };
    return { end, input: running.input, chargedOutputTokens, isFree: false, respond: nothing };
  }
  const { input, outputTokens } = finish;
  const end = { kind: 'answered' as const, outputTokens };
  return { end, input, chargedOutputTokens, isFree: false, respond: () => reply.finish(finish) };
}

function isHalfway(producedTokens: number, expectedTokens: number | undefined): boolean {
  return expectedTokens === undefined || 2 * producedTokens >= expectedTokens;
}

function broken(
  fault: Fault,
  outputTokens: number,
  { reply, cut }: RunningCall,
): Pick<Run, 'end' | 'isFree' | 'respond'> {
  if ('error' in fault) {
    const end = { kind: 'faults' as const, status: fault.error.status, outputTokens: 0 };
    return { end, isFree: true, respond: () => reply.error(fault.error) };
  }
  const status = fault.kind === 'cut' ? connectionCutStatus : 200;
  const end = { kind: 'faults' as const, status, outputTokens };
  return { end, isFree: false, respond: fault.kind === 'cut' ? cut : reply.garbage };
}
