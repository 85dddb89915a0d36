import { Agent, get, request } from 'node:http';

/** A program of its own, so that what it costs is not counted against the pipeline. */
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

const post = (api: string, body: unknown): Promise<string> =>
  new Promise((resolve, reject) => {
    const sent = request(
      `${api}/v1/requests`,
      { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
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

interface Accepted {
  readonly ids: readonly string[];
  readonly tookMs: number;
}

const accept = async (api: string, count: number): Promise<Accepted> => {
  const startedAtMs = performance.now();
  const ids: string[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      ids.push(await post(api, { prompt: `bench ${next}`, max_tokens: 50 }));
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return { ids, tookMs: performance.now() - startedAtMs };
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
