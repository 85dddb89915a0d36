import type { DeliveryFault } from '../../contract/events.ts';
import { limit } from '../../contract/limits.ts';

/** What came of one attempt. */
export type WebhookAnswer =
  | { readonly kind: 'answered'; readonly statusCode: number; readonly retryAfter?: string | undefined }
  | { readonly kind: 'not_answered'; readonly fault: Exclude<DeliveryFault, 'bad_status' | 'gone'> };

export type DeliveryVerdict =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'failed'; readonly fault: DeliveryFault }
  | { readonly kind: 'again'; readonly fault: DeliveryFault; readonly waitSeconds: number };

export interface DeliveryAttempt {
  /** This one counted. */
  readonly attempts: number;
  readonly nowMs: number;
  readonly random: () => number;
}

/** After the first attempt, the second, and so on: together a little more than a day. */
const WAITS_SECONDS = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 21_600, 21_600, 21_600] as const;

/** As long as the longest wait of ours, with its luck: SQS hides a message for 12 hours at most. */
const LONGEST_ASKED_SECONDS = 6 * 3600;

const afterTime = (text: string, nowMs: number): number => {
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? 0 : Math.ceil((atMs - nowMs) / 1000);
};

const askedSeconds = (retryAfter: string | undefined, nowMs: number): number => {
  if (retryAfter === undefined) return 0;
  const seconds = /^\d{1,9}$/.test(retryAfter.trim()) ? Number(retryAfter) : afterTime(retryAfter, nowMs);
  return Math.min(LONGEST_ASKED_SECONDS, Math.max(0, seconds));
};

/** A fifth more or less, so that what failed together does not come again together. */
const waitSeconds = (answer: WebhookAnswer, { attempts, nowMs, random }: DeliveryAttempt): number => {
  const asked = answer.kind === 'answered' ? askedSeconds(answer.retryAfter, nowMs) : 0;
  const base = WAITS_SECONDS[attempts - 1] ?? 21_600;
  return Math.max(1, Math.round(base * (0.8 + 0.4 * random())), asked);
};

const faultOf = (answer: WebhookAnswer): DeliveryFault | undefined => {
  if (answer.kind === 'not_answered') return answer.fault;
  if (answer.statusCode >= 200 && answer.statusCode < 300) return undefined;
  return answer.statusCode === 410 ? 'gone' : 'bad_status';
};

/** No second attempt would end otherwise. */
const LAST_FAULTS: ReadonlySet<DeliveryFault> = new Set(['gone', 'refused_address']);

/** Only 2xx is success: a redirect is not followed, whatever it leads to. */
export const judgeDelivery = (answer: WebhookAnswer, attempt: DeliveryAttempt): DeliveryVerdict => {
  const fault = faultOf(answer);
  if (fault === undefined) return { kind: 'delivered' };
  if (LAST_FAULTS.has(fault) || attempt.attempts >= limit('webhook_attempts'))
    return { kind: 'failed', fault };
  return { kind: 'again', fault, waitSeconds: waitSeconds(answer, attempt) };
};
