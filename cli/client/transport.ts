import type { Problem } from '../../shared/contract/problem.ts';
import type { OutgoingCall, SignCall } from '../outgoing-call.ts';
import { type Pause, pauseFor } from '../pause.ts';
import { SmootherError } from './smoother-error.ts';

export interface TransportOptions {
  /** Such as http://127.0.0.1:8787 */
  readonly endpoint: string;
  /** Sent as `Authorization: Bearer …`. */
  readonly apiKey?: string;
  /** How often a call is tried that may be tried again; 5 unless given. */
  readonly maxTries?: number;
  /** Further headers of each call, such as AWS signatures of an API that authorizes by IAM. */
  readonly sign?: SignCall;
  /** In place of the global one. */
  readonly fetch?: typeof globalThis.fetch;
  readonly pause?: Pause;
}

export interface TransportCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly json?: unknown;
  readonly idempotencyKey?: string;
  /** Whether a repetition does no harm. */
  readonly isRepeatable: boolean;
  readonly signal?: AbortSignal;
}

export interface TransportAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export type Transport = (call: TransportCall) => Promise<TransportAnswer>;

const DEFAULT_TRIES = 5;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

const PASSING = new Set([429, 502, 503, 504]);

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'code' in value && 'detail' in value && 'title' in value;

/** What stands in front of the API may answer in words of its own. */
const toError = (status: number, text: string): SmootherError => {
  try {
    const value: unknown = JSON.parse(text);
    if (isProblem(value)) return new SmootherError(value);
  } catch {
    // The text is told as it is.
  }
  return new SmootherError({
    type: 'urn:smoother:problem:internal_error',
    title: 'The call was refused',
    status,
    detail: `HTTP ${status}: ${text.slice(0, 300)}`,
    code: 'internal_error',
    retryable: PASSING.has(status),
  });
};

const pauseMsOf = (response: Response | undefined, tries: number): number => {
  const asked = Number(response?.headers.get('retry-after') ?? Number.NaN) * 1000;
  return Math.min(Number.isFinite(asked) ? asked : FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS);
};

const toOutgoing = (
  { method, path, json, idempotencyKey }: TransportCall,
  { endpoint, apiKey }: TransportOptions,
): OutgoingCall => ({
  method,
  url: new URL(path, endpoint),
  headers: {
    ...(json === undefined ? {} : { 'content-type': 'application/json' }),
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
  },
  body: json === undefined ? undefined : JSON.stringify(json),
});

const send = async (call: TransportCall, options: TransportOptions): Promise<Response> => {
  const { sign, fetch = globalThis.fetch } = options;
  const outgoing = toOutgoing(call, options);
  const { method, url, headers, body } = outgoing;
  return fetch(url, {
    method,
    headers: { ...headers, ...(await sign?.(outgoing)) },
    ...(body === undefined ? {} : { body }),
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
};

/** Calls that are tried again while that helps, as late as the API asks for. */
export const createTransport = (options: TransportOptions): Transport => {
  const { maxTries = DEFAULT_TRIES, pause = pauseFor } = options;
  return async (call) => {
    for (let tries = 1; ; tries++) {
      const isLast = tries >= maxTries || !call.isRepeatable;
      let response: Response | undefined;
      try {
        response = await send(call, options);
      } catch (error) {
        if (isLast || call.signal?.aborted === true) throw error;
      }
      if (response !== undefined && (isLast || !PASSING.has(response.status))) {
        const text = await response.text();
        if (!response.ok) throw toError(response.status, text);
        return { status: response.status, headers: response.headers, text };
      }
      await response?.body?.cancel();
      await pause(pauseMsOf(response, tries), call.signal);
    }
  };
};
