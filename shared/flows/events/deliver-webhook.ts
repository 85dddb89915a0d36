import type { Delivery, DeliveryOrder } from '../../contract/events.ts';
import { limit } from '../../contract/limits.ts';
import { type DeliveryVerdict, judgeDelivery, type WebhookAnswer } from '../../core/events/judge-delivery.ts';
import { signWebhook } from '../../core/events/sign-webhook.ts';
import type { DeliveryLog } from '../../ports/delivery-log.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { WebhookSender } from '../../ports/webhook-sender.ts';
import { type SecretDeps, secretsInUse, secretsOf } from './webhook-secrets.ts';

export interface DeliverDeps extends SecretDeps {
  readonly deliveries: DeliveryLog;
  readonly sender: WebhookSender;
  readonly random: () => number;
  readonly telemetry: Telemetry;
}

/** Nothing more is to be done with the message, or it is to come again after so long. */
export type DeliverOutcome = { readonly kind: 'done' } | { readonly kind: 'again'; readonly seconds: number };

const DAY_SECONDS = 86_400;

export const keptUntilSeconds = (nowMs: number): number =>
  Math.floor(nowMs / 1000) + limit('delivery_retention_days') * DAY_SECONDS;

const begin = ({ event, url, replay = 0 }: DeliveryOrder): Delivery => ({
  event_id: event.id,
  url,
  status: 'pending',
  attempts: 0,
  replays: replay,
  last_attempt_at: null,
  last_status_code: null,
  last_fault: null,
  next_attempt_at: null,
  event,
});

/** It was told, given up or ordered anew since; or a second message of the same came before its time. */
const withoutAttempt = (order: DeliveryOrder, known: Delivery, nowMs: number): DeliverOutcome | undefined => {
  if (known.status !== 'pending' || known.replays > (order.replay ?? 0)) return { kind: 'done' };
  const early = known.next_attempt_at === null ? 0 : Date.parse(known.next_attempt_at) - nowMs;
  return early > 1000 ? { kind: 'again', seconds: Math.ceil(early / 1000) } : undefined;
};

const isoAfter = (nowMs: number, seconds: number): string => new Date(nowMs + seconds * 1000).toISOString();

const after = (
  known: Delivery,
  answer: WebhookAnswer,
  { verdict, nowMs }: { readonly verdict: DeliveryVerdict; readonly nowMs: number },
): Delivery => ({
  ...known,
  status: verdict.kind === 'again' ? 'pending' : verdict.kind,
  attempts: known.attempts + 1,
  last_attempt_at: new Date(nowMs).toISOString(),
  last_status_code: answer.kind === 'answered' ? answer.statusCode : null,
  last_fault: verdict.kind === 'delivered' ? null : verdict.fault,
  next_attempt_at: verdict.kind === 'again' ? isoAfter(nowMs, verdict.waitSeconds) : null,
});

const attempt = async (known: Delivery, deps: DeliverDeps): Promise<WebhookAnswer> => {
  const body = JSON.stringify(known.event);
  const atMs = deps.clock.nowMs();
  const secrets = secretsInUse(await secretsOf(known.event.data.tenant, deps), atMs);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'bedrock-request-smoother',
    ...signWebhook({ id: known.event_id, atMs, body }, secrets),
  };
  return deps.sender.send({ url: known.url, headers, body });
};

/** One attempt at most. What came of it stands in the log before the message goes, so that none ends without a word. */
export const createDeliverWebhook =
  (deps: DeliverDeps) =>
  async (order: DeliveryOrder): Promise<DeliverOutcome> => {
    const { id, data, type } = order.event;
    const found = await deps.deliveries.read(data.tenant, id);
    // Of one that was ordered anew the log was written first.
    const known = found ?? begin(order);
    const outcome = withoutAttempt(order, known, deps.clock.nowMs());
    if (outcome !== undefined) return outcome;
    const answer = await attempt(known, deps);
    const nowMs = deps.clock.nowMs();
    const verdict = judgeDelivery(answer, { attempts: known.attempts + 1, nowMs, random: deps.random });
    const next = after(known, answer, { verdict, nowMs });
    await deps.deliveries.keep(next, keptUntilSeconds(nowMs));
    // Neither the address nor the answer: both are the caller's own, and may hold keys.
    deps.telemetry.log(verdict.kind === 'failed' ? 'warn' : 'info', 'webhook_attempted', {
      event_id: id,
      event: type,
      tenant: data.tenant,
      status: next.status,
      attempts: next.attempts,
      status_code: next.last_status_code,
      fault: next.last_fault,
    });
    return verdict.kind === 'again' ? { kind: 'again', seconds: verdict.waitSeconds } : { kind: 'done' };
  };
