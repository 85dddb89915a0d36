import { z } from 'zod';
import { codeOf, UserError } from '../local/user-error.ts';
import { createProblem, type Problem, problemSchema } from '../shared/contract/problem.ts';
import type { OutgoingCall, SignCall } from './outgoing-call.ts';
import { type Pause, pauseFor } from './pause.ts';

export interface ApiTarget {
  /** Such as http://127.0.0.1:8787 */
  readonly endpoint: string;
  /** Sent as `Authorization: Bearer …`. */
  readonly apiKey?: string;
  readonly sign?: SignCall;
}

export interface ApiCall {
  readonly method: 'GET' | 'POST';
  /** With its query, such as /v1/requests?limit=20 */
  readonly path: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as one JSON object a line, in place of `json`. */
  readonly lines?: string;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** An answer, or the problem that the API tells: both are expected. */
export type ApiAnswer<T> =
  | { readonly kind: 'answered'; readonly status: number; readonly value: T; readonly headers: Headers }
  | { readonly kind: 'refused'; readonly status: number; readonly problem: Problem };

export interface ApiClient {
  readonly endpoint: string;
  /** The body of an answer that is not JSON comes as text. */
  call<T>(call: ApiCall): Promise<ApiAnswer<T>>;
}

export interface ApiClientOptions {
  readonly fetch?: typeof globalThis.fetch;
  readonly pause?: Pause;
}

const MOST_TRIES = 5;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

const isJson = (headers: Headers): boolean =>
  /^application\/(json|[\w.-]+\+json)\b/i.test(headers.get('content-type') ?? '');

const readBody = async (response: Response): Promise<unknown> => {
  const text = await response.text();
  if (!isJson(response.headers)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const SIGN_HINT = '. An API that authorizes by IAM wants signatures: --auth iam.';

/** A newer API may name what this command does not know yet. */
const toldSchema = problemSchema.extend({ code: z.string(), missing_scope: z.string().optional() });

/** What stands in front of the API, such as a gateway, tells its refusals in words of its own. */
const toProblem = (status: number, body: unknown, { sign }: ApiTarget): Problem => {
  const parsed = toldSchema.safeParse(body);
  if (parsed.success) return parsed.data as Problem;
  const hint = status === 403 && sign === undefined ? SIGN_HINT : '';
  const said = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    ...createProblem('internal_error', { detail: `HTTP ${status}: ${said.slice(0, 300)}${hint}` }),
    title: 'The call was refused',
    status,
  };
};

/** What is repeated does no harm: a read, what has a key, and all whose repetition changes nothing. */
const mayRepeat = ({ method, path, idempotencyKey }: ApiCall): boolean =>
  method === 'GET' || idempotencyKey !== undefined || /\/(cancel|start|estimate)$/.test(path);

const isPassing = (status: number): boolean => status === 429 || status === 502 || status === 503;

const pauseMsOf = (headers: Headers | undefined, tries: number): number => {
  const asked = Number(headers?.get('retry-after') ?? Number.NaN) * 1000;
  const own = FIRST_PAUSE_MS * 2 ** (tries - 1);
  return Math.min(Number.isFinite(asked) ? asked : own, LONGEST_PAUSE_MS);
};

/** Who checks a signature takes a plus for a plus, as it is in no form. */
const toUrl = (path: string, endpoint: string): URL => {
  const url = new URL(path, endpoint);
  url.search = url.search.replaceAll('+', '%20');
  return url;
};

const toOutgoing = ({ endpoint, apiKey }: ApiTarget, call: ApiCall): OutgoingCall => {
  const body = call.lines ?? (call.json === undefined ? undefined : JSON.stringify(call.json));
  const type = call.lines === undefined ? 'application/json' : 'application/x-ndjson';
  return {
    method: call.method,
    url: toUrl(call.path, endpoint),
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': type }),
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      ...(call.idempotencyKey === undefined ? {} : { 'idempotency-key': call.idempotencyKey }),
    },
    body,
  };
};

const unreachable = (endpoint: string, error: unknown): UserError => {
  const { cause, message } = error as Error;
  const reason = codeOf(cause) ?? message;
  return new UserError(
    `Nothing answers at ${endpoint} (${reason}). Start it with \`smoother start\`, or name another with --endpoint or SMOOTHER_ENDPOINT.`,
  );
};

type Attempt =
  | { readonly response: Response; readonly error?: never }
  | { readonly response?: never; readonly error: unknown };

/** The HTTP API as commands use it. */
export const createApiClient = (target: ApiTarget, options: ApiClientOptions = {}): ApiClient => {
  const { fetch = globalThis.fetch, pause = pauseFor } = options;

  const send = async (call: ApiCall): Promise<Response> => {
    const { method, url, headers, body } = toOutgoing(target, call);
    const signed = (await target.sign?.({ method, url, headers, body })) ?? {};
    return fetch(url, {
      method,
      headers: { ...headers, ...signed },
      ...(body === undefined ? {} : { body }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
  };

  /** The answer, or why none came. */
  const attempt = async (call: ApiCall): Promise<Attempt> => {
    try {
      return { response: await send(call) };
    } catch (error) {
      if (call.signal?.aborted === true) throw call.signal.reason;
      // Who cannot sign is not helped by another try.
      if (error instanceof UserError) throw error;
      return { error };
    }
  };

  return {
    endpoint: target.endpoint,
    call: async <T>(call: ApiCall) => {
      for (let tries = 1; ; tries++) {
        const { response, error } = await attempt(call);
        const last = tries >= MOST_TRIES || !mayRepeat(call);
        if (response === undefined && last) throw unreachable(target.endpoint, error);
        if (response !== undefined && (last || !isPassing(response.status))) {
          const { status, headers } = response;
          const body = await readBody(response);
          return response.ok
            ? { kind: 'answered', status, value: body as T, headers }
            : { kind: 'refused', status, problem: toProblem(status, body, target) };
        }
        await response?.body?.cancel();
        await pause(pauseMsOf(response?.headers, tries), call.signal);
      }
    },
  };
};
