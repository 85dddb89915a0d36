import { Agent, get, request } from 'node:http';

/** A program of its own, so that what it costs is not counted against the pipeline. */
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

const post = (api: string, body: unknown): Promise<string> =>
  new Promise((resolve, reject) => {
    const sent = request(
      `${api}/v1/requests`,
      { method: 'POST', headers: { 'content-type': 'application/json' } },
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

/** The status, or why there was none. */
const poll = (api: string, id: string): Promise<string> =>
  new Promise((resolve) => {
    get(`${api}/v1/requests/${id}?wait=20`, { agent }, (response) => {
      response.resume();
      response.on('end', () => resolve(String(response.statusCode)));
    }).on('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? error.message));
  });

const ACCEPT_EVERY_MS = 40;

interface Accepted {
  readonly ids: readonly string[];
  /** The median of one. */
  readonly tookMs: number;
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
  return { ids, tookMs: tookMs.toSorted((left, right) => left - right)[Math.floor(count / 2)] ?? 0 };
};

/** Begins so many polls evenly over a minute; answers with how many had each outcome. */
const pollForAMinute = async (
  api: string,
  ids: readonly string[],
  count: number,
): Promise<Record<string, number>> => {
  const polls: Promise<string>[] = [];
  const startedAtMs = performance.now();
  while (polls.length < count) {
    const due = Math.min(count, ((performance.now() - startedAtMs) / 60_000) * count);
    while (polls.length < due) polls.push(poll(api, ids[polls.length % ids.length] ?? ''));
    await new Promise((done) => setTimeout(done, 20));
  }
  const outcomes: Record<string, number> = {};
  for (const outcome of await Promise.all(polls)) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  return outcomes;
};

type Order =
  | { readonly kind: 'accept'; readonly api: string; readonly count: number }
  | { readonly kind: 'poll'; readonly api: string; readonly ids: readonly string[]; readonly count: number };

process.on('message', (order: Order) => {
  const done = (result: unknown): void => {
    process.send?.({ kind: order.kind, result });
  };
  const failed = (error: unknown): void => {
    process.send?.({ kind: 'failed', result: String(error) });
  };
  if (order.kind === 'accept') accept(order.api, order.count).then(done, failed);
  else pollForAMinute(order.api, order.ids, order.count).then(done, failed);
});
