import type { Dimension } from '../../local/bedrock/quota/dimension.ts';
import { admit, type Hold, openQuota, type Quota, settle } from '../../local/bedrock/quota/quota.ts';
import { type Supply, suppliedStretches, wholeSupply } from '../../local/bedrock/quota/supply.ts';
import { amountsOfFault, amountsToCharge, amountsToHold } from '../../local/bedrock/quota/token-rules.ts';
import type { ThrottleScope } from '../../shared/core/governor/governor.ts';
import { type CallLuck, createCallLuck } from './call-luck.ts';
import type { EventQueue } from './event-queue.ts';
import type { SimulatedRequest } from './simulated-request.ts';

export interface ServiceOptions {
  readonly dimensions: readonly Dimension[];
  readonly burndown: number;
  /** How the hold weighs max_tokens. */
  readonly holdWeight?: number;
  readonly supply?: Supply;
  readonly firstTokenMs?: number;
  readonly tokensPerSecond?: number;
  readonly faults?: readonly FaultWindow[];
}

/** Calls in it fail with 503, with this probability. */
export interface FaultWindow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly share: number;
}

export type ServiceReply =
  | { readonly kind: 'answered' }
  | { readonly kind: 'throttled'; readonly scope: ThrottleScope }
  | { readonly kind: 'fault' };

export type Tell = (reply: ServiceReply) => void;

export interface SimulatedService {
  call(request: SimulatedRequest, tell: Tell): void;
  /** What it charged, in tokens, and when. */
  charges(): readonly Charge[];
  /** Every call that reached it, in this order. */
  calls(): readonly ServedCall[];
  /** Tokens that it granted between two moments, besides what was stored. */
  granted(fromMs: number, toMs: number): number;
}

export interface ServedCall {
  readonly id: string;
  readonly sentAtMs: number;
  readonly atMs: number;
  /** Else it was refused. */
  readonly isAdmitted: boolean;
}

export interface Charge {
  /** When the call was admitted. */
  readonly fromMs: number;
  /** When it ended, and was charged. */
  readonly atMs: number;
  readonly amount: number;
}

const FIRST_TOKEN_MS = 800;
const TOKENS_PER_SECOND = 60;

const scopeOf = (lacking: readonly string[]): ThrottleScope => {
  if (lacking.includes('rpm')) return 'requests';
  return lacking.includes('tpd') ? 'day' : 'tokens';
};

const inputOf = ({ inputTokens }: SimulatedRequest) => ({
  inputTokens,
  cacheReadInputTokens: 0,
  cacheWriteInputTokens: 0,
});

const latencyMs = (
  { latencyMs: told, outputTokens }: SimulatedRequest,
  { firstTokenMs = FIRST_TOKEN_MS, tokensPerSecond = TOKENS_PER_SECOND }: ServiceOptions,
  { latencyFactor }: CallLuck,
): number => told ?? (firstTokenMs + (outputTokens / tokensPerSecond) * 1000) * latencyFactor;

interface Call {
  readonly sentAtMs: number;
  readonly request: SimulatedRequest;
  readonly luck: CallLuck;
  readonly tell: Tell;
}

/** The model service with the simulator's own quotas; time is the queue's. */
export const createSimulatedService = (
  options: ServiceOptions,
  events: EventQueue,
  seed: string,
): SimulatedService => {
  const luckOf = createCallLuck(seed);
  const { dimensions, burndown, holdWeight = 1, supply = wholeSupply, faults = [] } = options;
  let quota: Quota = openQuota(dimensions, events.nowMs(), supply);
  const charges: Charge[] = [];
  const served: ServedCall[] = [];
  const perMs = (dimensions.find(({ name }) => name === 'tpm' || name === 'itpm')?.limit ?? 0) / 60_000;

  const fails = ({ fault }: CallLuck): boolean => {
    const window = faults.find(({ fromMs, toMs }) => events.nowMs() >= fromMs && events.nowMs() < toMs);
    return window !== undefined && fault < window.share;
  };

  const answer = ({ luck, tell }: Call, inMs: number, reply: ServiceReply): void =>
    events.at(events.nowMs() + inMs + luck.toCallerMs, () => tell(reply));

  const finish = (call: Call, hold: Hold, fromMs: number): void => {
    const { request } = call;
    const nowMs = events.nowMs();
    const amounts = amountsToCharge(inputOf(request), { burndown, outputTokens: request.outputTokens });
    quota = settle(quota, { hold, charges: amounts }, nowMs);
    charges.push({ fromMs, atMs: nowMs, amount: amounts.tpm ?? 0 });
    answer(call, 0, { kind: 'answered' });
  };

  const receive = (call: Call): void => {
    const { request, luck } = call;
    const nowMs = events.nowMs();
    const amounts = amountsToHold(inputOf(request), { holdWeight, maxTokens: request.maxTokens });
    const admission = admit(quota, amounts, nowMs);
    quota = admission.quota;
    const isAdmitted = admission.kind === 'admitted';
    served.push({ id: request.id, sentAtMs: call.sentAtMs, atMs: nowMs, isAdmitted });
    if (admission.kind === 'refused')
      answer(call, luck.refusalMs, { kind: 'throttled', scope: scopeOf(admission.lacking) });
    else if (fails(luck)) {
      quota = settle(quota, { hold: admission.hold, charges: amountsOfFault }, nowMs);
      answer(call, luck.refusalMs, { kind: 'fault' });
    } else events.at(nowMs + latencyMs(request, options, luck), () => finish(call, admission.hold, nowMs));
  };

  return {
    call: (request, tell) => {
      const call = { sentAtMs: events.nowMs(), request, luck: luckOf(request), tell };
      events.at(events.nowMs() + call.luck.toServiceMs, () => receive(call));
    },
    charges: () => charges,
    calls: () => served,
    granted: (fromMs, toMs) =>
      suppliedStretches(supply, { fromMs, toMs }).reduce(
        (sum, stretch) =>
          sum + (stretch.toMs - stretch.fromMs) * perMs * stretch.multiplier * (1 - stretch.othersShare),
        0,
      ),
  };
};
