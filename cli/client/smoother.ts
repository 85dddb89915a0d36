import type { Batch } from '../../shared/contract/batch.ts';
import type { Envelope } from '../../shared/contract/envelope.ts';
import type { BatchEstimate } from '../../shared/contract/estimate.ts';
import type { PoolQuota } from '../../shared/contract/quota-view.ts';
import type { PendingRequest, Result } from '../../shared/contract/request.ts';
import type { ApiAnswer, ApiCall, ApiClient } from '../api-client.ts';
import { pauseFor } from '../pause.ts';
import { watchBatch } from '../run/watched-batch.ts';
import { createTransport, type Transport, type TransportOptions } from './transport.ts';

export type { OutgoingCall, SignCall } from '../outgoing-call.ts';
export { type QueueEntry, type QueueSend, sendToQueue } from './queue-producer.ts';
export { SmootherError } from './smoother-error.ts';
export type { Batch, BatchEstimate, PendingRequest, PoolQuota, Result };

/** A request as it is sent; `priority` is `normal` unless it is named. */
export type SmootherRequest = Omit<Envelope, 'priority'> & Partial<Pick<Envelope, 'priority'>>;

/** A request that may have ended: then it is its result. */
export type RequestState = PendingRequest | Result;

export type SmootherOptions = TransportOptions;

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface SubmitOptions extends CallOptions {
  /** The same key and body is the same request again. Made up where it is not given, so that tries of one call are one request. */
  readonly idempotencyKey?: string;
}

export interface BatchOptions extends SubmitOptions {
  readonly customId?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface WaitOptions extends CallOptions {
  /** For requests: how long one read stays open where the API lets it; 20 unless given. */
  readonly pollSeconds?: number;
  /** Between two looks where the API does not wait; 1000 unless given. */
  readonly lookEveryMs?: number;
}

const DEFAULT_POLL_SECONDS = 20;
const DEFAULT_LOOK_MS = 1000;

export const hasEnded = (state: RequestState): state is Result => 'finished_at' in state;

const isWaiting = (headers: Headers): boolean => /wait=[1-9]/.test(headers.get('preference-applied') ?? '');

/** Those that are counted have no key of their own where the batch has one. */
const keyOf = ({ idempotencyKey }: SubmitOptions): string => idempotencyKey ?? globalThis.crypto.randomUUID();

const signalOf = ({ signal }: CallOptions): CallOptions => (signal === undefined ? {} : { signal });

/** The transport in the words of the watcher. It throws what is refused, so every answer is one. */
const toApiClient = (transport: Transport): ApiClient => ({
  endpoint: '',
  call: async <T>(call: ApiCall): Promise<ApiAnswer<T>> => {
    const { status, headers, text } = await transport({ ...call, isRepeatable: true });
    const isLines = call.path.includes('/results');
    return { kind: 'answered', status, headers, value: (isLines ? text : JSON.parse(text)) as T };
  },
});

/** A client of the HTTP API, local or deployed. What the API refuses is thrown as a `SmootherError`. */
export class Smoother {
  readonly #transport: Transport;

  constructor(options: SmootherOptions) {
    this.#transport = createTransport(options);
  }

  async #post<T>(path: string, json: unknown, { idempotencyKey, signal }: SubmitOptions): Promise<T> {
    const { text } = await this.#transport({
      method: 'POST',
      path,
      json,
      isRepeatable: true,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      ...(signal === undefined ? {} : { signal }),
    });
    return JSON.parse(text) as T;
  }

  async #get<T>(
    path: string,
    options: CallOptions,
  ): Promise<{ readonly value: T; readonly headers: Headers }> {
    const { text, headers } = await this.#transport({
      method: 'GET',
      path,
      isRepeatable: true,
      ...signalOf(options),
    });
    return { value: JSON.parse(text) as T, headers };
  }

  /** From here on it is durable: it will end, whatever happens to this process. */
  submit(request: SmootherRequest, options: SubmitOptions = {}): Promise<RequestState> {
    // A key within the request says what the header would.
    const key = request.idempotency_key === undefined ? { idempotencyKey: keyOf(options) } : {};
    return this.#post('/v1/requests', request, { ...signalOf(options), ...key });
  }

  /** How far it is now. */
  async read(requestId: string, options: CallOptions = {}): Promise<RequestState> {
    return (await this.#get<RequestState>(`/v1/requests/${requestId}`, options)).value;
  }

  /** Its result, or undefined while it has not ended. */
  async result(requestId: string, options: CallOptions = {}): Promise<Result | undefined> {
    const state = await this.read(requestId, options);
    return hasEnded(state) ? state : undefined;
  }

  /** Waits for its end, however long that takes; an `AbortSignal` ends the waiting, not the request. */
  async wait(requestId: string, options: WaitOptions = {}): Promise<Result> {
    const { pollSeconds = DEFAULT_POLL_SECONDS, lookEveryMs = DEFAULT_LOOK_MS, signal } = options;
    for (;;) {
      const path = `/v1/requests/${requestId}?wait=${pollSeconds}`;
      const { value, headers } = await this.#get<RequestState>(path, options);
      if (hasEnded(value)) return value;
      if (!isWaiting(headers)) await pauseFor(lookEveryMs, signal);
    }
  }

  /** Submits, and waits for the result. */
  async ask(request: SmootherRequest, options: SubmitOptions & WaitOptions = {}): Promise<Result> {
    const state = await this.submit(request, options);
    return hasEnded(state) ? state : this.wait(state.request_id, options);
  }

  /** Ended by this, or however it had ended before; or still running, and stopped within seconds. */
  cancel(requestId: string, options: CallOptions = {}): Promise<RequestState> {
    return this.#post(`/v1/requests/${requestId}/cancel`, undefined, options);
  }

  /** What they would cost and how long they would take; nothing is queued. */
  estimate(requests: readonly SmootherRequest[], options: CallOptions = {}): Promise<BatchEstimate> {
    return this.#post('/v1/requests/estimate', { requests }, options);
  }

  async quota(options: CallOptions = {}): Promise<readonly PoolQuota[]> {
    return (await this.#get<{ readonly pools: readonly PoolQuota[] }>('/v1/quota', options)).value.pools;
  }

  /** Accepted together, or not at all. */
  submitBatch(requests: readonly SmootherRequest[], options: BatchOptions = {}): Promise<Batch> {
    const { customId, metadata } = options;
    const body = {
      requests,
      ...(customId === undefined ? {} : { custom_id: customId }),
      ...(metadata === undefined ? {} : { metadata }),
    };
    return this.#post('/v1/batches', body, { ...signalOf(options), idempotencyKey: keyOf(options) });
  }

  async readBatch(batchId: string, options: CallOptions = {}): Promise<Batch> {
    return (await this.#get<Batch>(`/v1/batches/${batchId}`, options)).value;
  }

  cancelBatch(batchId: string, options: CallOptions = {}): Promise<Batch> {
    return this.#post(`/v1/batches/${batchId}/cancel`, undefined, options);
  }

  /** Every result of a batch once, as they end, until all have: `for await (const result of smoother.results(id))`. */
  async *results(batchId: string, options: WaitOptions = {}): AsyncGenerator<Result, void, undefined> {
    const { lookEveryMs = DEFAULT_LOOK_MS, signal = new AbortController().signal } = options;
    const { counts } = await this.readBatch(batchId, options);
    const api = toApiClient(this.#transport);
    const batch = watchBatch({ api, batchId, total: counts.total, taken: new Set(), isOrdered: false });
    for (;;) {
      yield* await batch.look(signal);
      if (batch.isDone) return;
      await pauseFor(lookEveryMs, signal);
    }
  }

  /** Submits all, and gives every result as it ends. */
  async *answerAll(
    requests: readonly SmootherRequest[],
    options: BatchOptions & WaitOptions = {},
  ): AsyncGenerator<Result, void, undefined> {
    const { batch_id: batchId } = await this.submitBatch(requests, options);
    yield* this.results(batchId, options);
  }
}
