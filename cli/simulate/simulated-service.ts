import type { Dimension } from '../../local/bedrock/quota/dimension.ts';
import { admit, type Hold, openQuota, type Quota, settle } from '../../local/bedrock/quota/quota.ts';
import { type Supply, suppliedStretches, wholeSupply } from '../../local/bedrock/quota/supply.ts';
import { amountsOfFault, amountsToCharge, amountsToHold } from '../../local/bedrock/quota/token-rules.ts';
import { lognormal, type Random } from '../../local/bedrock/seeded-random.ts';
import type { ThrottleScope } from '../../shared/core/governor/governor.ts';
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
  /** Tokens that it granted between two moments, besides what was stored. */
  granted(fromMs: number, toMs: number): number;
}

export interface Charge {
  readonly atMs: number;
  readonly amount: number;
}

const NETWORK_MS = 20;
const FIRST_TOKEN_MS = 800;
const TOKENS_PER_SECOND = 60;
const LATENCY_SPREAD = 0.15;

const scopeOf = (lacking: readonly string[]): ThrottleScope => {
  if (lacking.includes('rpm')) return 'requests';
  return lacking.includes('tpd') ? 'day' : 'tokens';
};

const inputOf = ({ inputTokens }: SimulatedRequest) => ({
  inputTokens,
  cacheReadInputTokens: 0,
  cacheWriteInputTokens: 0,
});

const networkMs = (random: Random): number => NETWORK_MS * (0.5 + random());
const refusalMs = (random: Random): number => 30 + 50 * random();

const latencyMs = (
  { latencyMs: told, outputTokens }: SimulatedRequest,
  options: ServiceOptions,
  random: Random,
): number => {
  if (told !== undefined) return told;
  const { firstTokenMs = FIRST_TOKEN_MS, tokensPerSecond = TOKENS_PER_SECOND } = options;
  return (firstTokenMs + (outputTokens / tokensPerSecond) * 1000) * lognormal(random, LATENCY_SPREAD);
};

/** The model service with the simulator's own quotas; time is the queue's. */
export const createSimulatedService = (
  options: ServiceOptions,
  events: EventQueue,
  random: Random,
): SimulatedService => {
  const { dimensions, burndown, holdWeight = 1, supply = wholeSupply, faults = [] } = options;
  let quota: Quota = openQuota(dimensions, events.nowMs(), supply);
  const charges: Charge[] = [];
  const perMs = (dimensions.find(({ name }) => name === 'tpm' || name === 'itpm')?.limit ?? 0) / 60_000;

  const fails = (): boolean => {
    const window = faults.find(({ fromMs, toMs }) => events.nowMs() >= fromMs && events.nowMs() < toMs);
    return window !== undefined && random() < window.share;
  };

  const answer = (atMs: number, reply: ServiceReply, tell: Tell): void =>
    events.at(atMs + networkMs(random), () => tell(reply));

  const finish = (request: SimulatedRequest, hold: Hold, tell: Tell): void => {
    const nowMs = events.nowMs();
    const amounts = amountsToCharge(inputOf(request), { burndown, outputTokens: request.outputTokens });
    quota = settle(quota, { hold, charges: amounts }, nowMs);
    charges.push({ atMs: nowMs, amount: amounts.tpm ?? 0 });
    answer(nowMs, { kind: 'answered' }, tell);
  };

  const receive = (request: SimulatedRequest, tell: Tell): void => {
    const nowMs = events.nowMs();
    const amounts = amountsToHold(inputOf(request), { holdWeight, maxTokens: request.maxTokens });
    const admission = admit(quota, amounts, nowMs);
    quota = admission.quota;
    if (admission.kind === 'refused')
      answer(nowMs + refusalMs(random), { kind: 'throttled', scope: scopeOf(admission.lacking) }, tell);
    else if (fails()) {
      quota = settle(quota, { hold: admission.hold, charges: amountsOfFault }, nowMs);
      answer(nowMs + refusalMs(random), { kind: 'fault' }, tell);
    } else
      events.at(nowMs + latencyMs(request, options, random), () => finish(request, admission.hold, tell));
  };

  return {
    call: (request, reply) => events.at(events.nowMs() + networkMs(random), () => receive(request, reply)),
    charges: () => charges,
    granted: (fromMs, toMs) =>
      suppliedStretches(supply, { fromMs, toMs }).reduce(
        (sum, stretch) =>
          sum + (stretch.toMs - stretch.fromMs) * perMs * stretch.multiplier * (1 - stretch.othersShare),
        0,
      ),
  };
};
