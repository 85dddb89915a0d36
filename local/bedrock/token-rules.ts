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

/** Cache reads are part of the hold and free in the end. */
export function tokensToHold(input: InputUse, { holdWeight, maxTokens }: HoldRule): number {
  const inputTokens = input.inputTokens + input.cacheReadInputTokens + input.cacheWriteInputTokens;
  return inputTokens + holdWeight * maxTokens;
}

export interface ChargeRule {
  readonly burndown: number;
  readonly outputTokens: number;
}

export function tokensToCharge(input: InputUse, { burndown, outputTokens }: ChargeRule): number {
  return input.inputTokens + input.cacheWriteInputTokens + burndown * outputTokens;
}
