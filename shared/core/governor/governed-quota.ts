/** Quotas as Bedrock grants them. `bedrock-mantle` counts input and output apart, and no requests. */
export interface GovernedQuota {
  readonly tokens_per_minute?: number | undefined;
  readonly requests_per_minute?: number | undefined;
  readonly tokens_per_day?: number | undefined;
  readonly input_tokens_per_minute?: number | undefined;
  readonly output_tokens_per_minute?: number | undefined;
}
