import type { Amounts } from './quota.ts';

/** https://docs.aws.amazon.com/bedrock/latest/userguide/quotas-token-burndown.html */
export interface InputUse {
  readonly inputTokens: number;
  readonly cacheReadInputTokens: number;
  readonly cacheWriteInputTokens: number;
}

export interface HoldRule {
  /** The documents say 1; some samples weigh max tokens by the burndown instead. */
  readonly holdWeight: number;
  readonly maxTokens: number;
}

export interface ChargeRule {
  readonly burndown: number;
  readonly outputTokens: number;
}

/**
 * | dimension   | held at the start                                   | charged in the end                         |
 * |-------------|-----------------------------------------------------|--------------------------------------------|
 * | rpm         | 1                                                   | 1, also when the model fails               |
 * | tpm and tpd | input + cache read + cache write + weight x maxTokens | input + cache write + burndown x output  |
 * | itpm        | input + cache write + weight x maxTokens            | input + cache write + output               |
 * | otpm        | nothing                                             | output, as it is produced                  |
 */
export function amountsToHold(input: InputUse, { holdWeight, maxTokens }: HoldRule): Amounts {
  const itpm = input.inputTokens + input.cacheWriteInputTokens + holdWeight * maxTokens;
  const tpm = itpm + input.cacheReadInputTokens;
  return { rpm: 1, tpm, tpd: tpm, itpm, otpm: 0 };
}

/** `otpm` is what is still to be charged: nothing of what was charged while it was produced. */
export function amountsToCharge(input: InputUse, { burndown, outputTokens }: ChargeRule): Amounts {
  const written = input.inputTokens + input.cacheWriteInputTokens;
  const tpm = written + burndown * outputTokens;
  return { rpm: 1, tpm, tpd: tpm, itpm: written + outputTokens, otpm: outputTokens };
}

/** What a call costs that the service failed to serve. */
export const amountsOfFault: Amounts = { rpm: 1 };
