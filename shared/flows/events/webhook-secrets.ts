import { createWebhookSecret } from '../../core/events/sign-webhook.ts';
import type { Clock } from '../../ports/clock.ts';
import type { WebhookSecretStore, WebhookSecrets } from '../../ports/webhook-secrets.ts';

export interface SecretDeps {
  readonly secrets: WebhookSecretStore;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Both are signed with until then, so that receivers can change over one by one. */
const OVERLAP_MS = 24 * 3600 * 1000;

/** Those of a tenant; made when they are first asked for, by whoever is first. */
export const secretsOf = async (tenant: string, deps: SecretDeps): Promise<WebhookSecrets> => {
  const known = await deps.secrets.read(tenant);
  if (known !== undefined) return known;
  const made = { current: createWebhookSecret(deps.randomBytes) };
  if (await deps.secrets.replace(tenant, made, undefined)) return made;
  const others = await deps.secrets.read(tenant);
  if (others === undefined) throw new Error(`the webhook secret of ${tenant} is gone`);
  return others;
};

/** What a signature is made with now: the new one first. */
export const secretsInUse = ({ current, previous }: WebhookSecrets, nowMs: number): readonly string[] =>
  previous === undefined || previous.untilMs <= nowMs ? [current] : [current, previous.secret];

/** Another in its place. Whoever loses to another rotation answers with that one's. */
export const rotateSecrets = async (tenant: string, deps: SecretDeps): Promise<WebhookSecrets> => {
  const known = await secretsOf(tenant, deps);
  const next = {
    current: createWebhookSecret(deps.randomBytes),
    previous: { secret: known.current, untilMs: deps.clock.nowMs() + OVERLAP_MS },
  };
  return (await deps.secrets.replace(tenant, next, known.current)) ? next : secretsOf(tenant, deps);
};
