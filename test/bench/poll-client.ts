import { setMaxListeners } from 'node:events';
import { Agent, get, request } from 'node:http';

/** A program of its own, so that what it costs is not counted against the pipeline. */
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

const post = (api: string, body: unknown): Promise<string> =>
  new Promise((resolve, reject) => {
    const sent = request(
      `${api}/v1/requests`,
      { agent, method: 'POST', headers: { 'content-type': 'application/json' } },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () =>
          response.statusCode === 202
            ? resolve((JSON.parse(text) as { readonly request_id: string }).request_id)
            : reject(new Error(`answered with ${response.statusCode}: ${text}`)),
        );
      },
    );
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });

const ACCEPT_EVERY_MS = 40;

export interface Accepted {
  readonly ids: readonly string[];
  /** Of each. */
  readonly tookMs: readonly number[];
}

/** So many accepts at an even pace, below what one process can take: at its limit everything slows everything. */
const accept = async (api: string, count: number): Promise<Accepted> => {
  const ids: string[] = [];
  const tookMs: number[] = [];
  const one = async (index: number): Promise<void> => {
    const startedAtMs = performance.now();
    ids.push(await post(api, { prompt: `bench ${index}`, max_tokens: 50 }));
    tookMs.push(performance.now() - startedAtMs);
  };
  const underWay: Promise<void>[] = [];
  for (let index = 0; index < count; index++) {
    underWay.push(one(index));
    await new Promise((done) => setTimeout(done, ACCEPT_EVERY_MS));
  }
  await Promise.all(underWay);
  return { ids, tookMs };
};

export interface PollOrder {
  readonly kind: 'poll';
  readonly api: string;
  readonly ids: readonly string[];
  readonly perMinute: number;
  /** 0: each is answered at once. */
  readonly waitSeconds: number;
}

/** Polls evenly until it is stopped; what waits is let go then. Answers with how many had each outcome. */
const startPolling = ({ api, ids, perMinute, waitSeconds }: PollOrder) => {
  const outcomes: Record<string, number> = {};
  const stopped = new AbortController();
  setMaxListeners(0, stopped.signal);
  let begun = 0;
  const poll = (): void => {
    const id = ids[begun++ % ids.length] ?? '';
    const count = (outcome: string): void => {
      if (!stopped.signal.aborted) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    };
    const url = `${api}/v1/requests/${id}${waitSeconds > 0 ? `?wait=${waitSeconds}` : ''}`;
    get(url, { agent, signal: stopped.signal }, (response) => {
      response.resume();
      response.on('end', () => count(String(response.statusCode)));
      response.on('error', () => {});
    }).on('error', (error) => count((error as NodeJS.ErrnoException).code ?? error.message));
  };
  const startedAtMs = performance.now();
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAtMs) / 60_000) * perMinute;
    while (begun < due) poll();
  }, 5);
  return () => {
    clearInterval(timer);
    stopped.abort();
    return outcomes;
  };
};

type Order =
  | { readonly kind: 'accept'; readonly api: string; readonly count: number }
  | { readonly kind: 'stop' }
  | PollOrder;

let stop: (() => unknown) | undefined;

const carryOut = async (order: Order): Promise<unknown> => {
  if (order.kind === 'accept') return accept(order.api, order.count);
  if (order.kind === 'stop') return stop?.();
  stop = startPolling(order);
  return undefined;
};

process.on('message', (order: Order) => {
  carryOut(order).then(
    (result) => process.send?.({ kind: order.kind, result }),
    (error: unknown) => process.send?.({ kind: 'failed', result: String(error) }),
  );
});
