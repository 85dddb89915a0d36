import { Agent, request } from 'node:http';

/** A program of its own, so that what it costs is not counted against the pipeline. */
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

export interface ClientOrder {
  readonly api: string;
  readonly count: number;
  readonly atOnce: number;
  /** What to read; without it, requests are submitted. */
  readonly ids?: readonly string[];
}

const exchange = (url: string, body: string | undefined): Promise<string> =>
  new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const headers = { 'content-type': 'application/json' };
    const sent = request(url, { agent, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        response.statusCode === 202 || response.statusCode === 200
          ? resolve((JSON.parse(text) as { readonly request_id: string }).request_id)
          : reject(new Error(`answered with ${response.statusCode}: ${text}`)),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });

/** About 70 tokens of prompt. */
const PROMPT = 'Summarize the invoice, in three sentences. '.repeat(8);

const one = ({ api, ids }: ClientOrder, index: number): Promise<string> =>
  ids === undefined
    ? exchange(
        `${api}/v1/requests`,
        JSON.stringify({ custom_id: `bench-${index}`, prompt: PROMPT, max_tokens: 50 }),
      )
    : exchange(`${api}/v1/requests/${ids[index % ids.length]}`, undefined);

const carryOut = async (order: ClientOrder): Promise<readonly string[]> => {
  const ids: string[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < order.count) ids.push(await one(order, next++));
  };
  await Promise.all(Array.from({ length: order.atOnce }, work));
  return ids;
};

process.on('message', (order: ClientOrder) => {
  carryOut(order).then(
    (ids) => process.send?.({ ids }),
    (error: unknown) => process.send?.({ failed: String(error) }),
  );
});
