import { createHmac } from 'node:crypto';

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export const SECRET_PREFIX = 'whsec_';

/** The specification asks for 24 to 64. */
const SECRET_BYTES = 32;

export const createWebhookSecret = (randomBytes: (count: number) => Uint8Array): string =>
  SECRET_PREFIX + Buffer.from(randomBytes(SECRET_BYTES)).toString('base64');

export interface WebhookMessage {
  /** The same for every attempt, so that a receiver can tell repeats. */
  readonly id: string;
  /** Of the attempt: a receiver refuses what is old. */
  readonly atMs: number;
  readonly body: string;
}

const signature = (content: string, secret: string): string => {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
};

/** The headers of one attempt, with a signature for each secret that a receiver may still have. */
export const signWebhook = (
  { id, atMs, body }: WebhookMessage,
  secrets: readonly string[],
): Readonly<Record<string, string>> => {
  const seconds = Math.floor(atMs / 1000);
  const content = `${id}.${seconds}.${body}`;
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': secrets.map((secret) => signature(content, secret)).join(' '),
  };
};
