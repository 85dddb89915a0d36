/** Quotas that Bedrock grants, as its consoles name them. */
export type DimensionName =
  | 'tokens_per_minute'
  | 'requests_per_minute'
  | 'tokens_per_day'
  | 'input_tokens_per_minute'
  | 'output_tokens_per_minute';
