export interface WebhookSecrets {
  readonly current: string;
  /** The one before, until receivers have the new one. */
  readonly previous?: { readonly secret: string; readonly untilMs: number };
}

/** What the webhooks of each tenant are signed with. */
export interface WebhookSecretStore {
  /** Strongly consistent. */
  read(tenant: string): Promise<WebhookSecrets | undefined>;
  /** Writes when the current one is still `instead`, or none where that is undefined; answers whether it did. */
  replace(tenant: string, secrets: WebhookSecrets, instead: string | undefined): Promise<boolean>;
}
