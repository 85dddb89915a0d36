import { lookup } from 'node:dns/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { limit } from '../contract/limits.ts';
import { type CallbackRules, callbackFault, hostOf, mayCall } from '../core/events/callback-fault.ts';
import type { WebhookAnswer } from '../core/events/judge-delivery.ts';
import type { OutgoingWebhook, WebhookSender } from '../ports/webhook-sender.ts';

export interface FoundAddress {
  readonly address: string;
  readonly family: number;
}

export interface HttpsWebhooksOptions extends CallbackRules {
  readonly timeoutMs?: number;
  /** The system's resolver unless said otherwise. */
  readonly resolve?: (host: string) => Promise<readonly FoundAddress[]>;
}

const notAnswered = (fault: Extract<WebhookAnswer, { kind: 'not_answered' }>['fault']): WebhookAnswer => ({
  kind: 'not_answered',
  fault,
});

/** The connection goes to the addresses that were looked at: the name is not asked for a second time. */
const answerWith =
  (found: readonly FoundAddress[]): LookupFunction =>
  (_host, options, callback) => {
    const [first] = found;
    if (options.all === true) callback(null, [...found]);
    else callback(null, first?.address ?? '', first?.family);
  };

const TLS_FAULT = /^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/;

const toFault = (error: NodeJS.ErrnoException | undefined, signal: AbortSignal): WebhookAnswer => {
  if (signal.aborted) return notAnswered('timed_out');
  return notAnswered(TLS_FAULT.test(error?.code ?? '') ? 'tls' : 'not_reached');
};

interface Call {
  readonly url: URL;
  readonly found: readonly FoundAddress[];
  readonly signal: AbortSignal;
}

const post = (webhook: OutgoingWebhook, { url, found, signal }: Call): Promise<WebhookAnswer> =>
  new Promise((resolve) => {
    const request = url.protocol === 'https:' ? requestHttps : requestHttp;
    const call = request(url, {
      method: 'POST',
      agent: false,
      lookup: answerWith(found),
      signal,
      headers: { ...webhook.headers, 'content-length': Buffer.byteLength(webhook.body) },
    });
    call.on('response', (response) => {
      const retryAfter = response.headers['retry-after'];
      resolve({ kind: 'answered', statusCode: response.statusCode ?? 0, retryAfter });
      // Of the body, however long, nothing is read.
      response.on('error', () => {});
      response.destroy();
    });
    call.on('error', (error) => resolve(toFault(error, signal)));
    call.on('close', () => resolve(toFault(undefined, signal)));
    call.end(webhook.body);
  });

const within = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  Promise.race([
    work,
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('timed out')), { once: true });
    }),
  ]);

const lookupAll = (host: string): Promise<readonly FoundAddress[]> => lookup(host, { all: true });

const resolveHost = async (
  host: string,
  resolve: (host: string) => Promise<readonly FoundAddress[]>,
): Promise<readonly FoundAddress[]> => {
  const family = isIP(host);
  return family === 0 ? resolve(host) : [{ address: host, family }];
};

/** One name is resolved once; where any of its addresses is private, nothing is called. */
export const createHttpsWebhooks = (options: HttpsWebhooksOptions): WebhookSender => {
  const { timeoutMs = limit('webhook_timeout_seconds') * 1000, resolve = lookupAll } = options;
  return {
    send: async (webhook) => {
      if (callbackFault(webhook.url, options) !== undefined) return notAnswered('refused_address');
      const url = new URL(webhook.url);
      const host = hostOf(url);
      const signal = AbortSignal.timeout(timeoutMs);
      let found: readonly FoundAddress[];
      try {
        found = await within(resolveHost(host, resolve), signal);
      } catch {
        return notAnswered(signal.aborted ? 'timed_out' : 'name_not_found');
      }
      if (found.length === 0) return notAnswered('name_not_found');
      if (!found.every(({ address }) => mayCall(address, host, options)))
        return notAnswered('refused_address');
      return post(webhook, { url, found, signal });
    },
  };
};
