import { createServer, type Server } from 'node:http';
import { json } from 'node:stream/consumers';

export interface OpenAiServer {
  readonly baseUrl: string;
  /** What it was asked, in order. */
  readonly requests: readonly Readonly<Record<string, unknown>>[];
  /** Paths that were asked for. */
  readonly paths: readonly string[];
  answer: OpenAiAnswer;
  readonly close: () => Promise<void>;
}

export type OpenAiAnswer =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown }
  /** Each chunk an event, and then [DONE] unless it breaks off. */
  | { readonly kind: 'stream'; readonly chunks: readonly unknown[]; readonly breaksOff?: true }
  | { readonly kind: 'never' };

/** A small server that speaks chat completions, as far as the test says. */
export async function startOpenAiServer(): Promise<OpenAiServer> {
  const requests: Readonly<Record<string, unknown>>[] = [];
  const paths: string[] = [];
  const server: Server = createServer(async (request, response) => {
    paths.push(request.url ?? '');
    requests.push(Object(await json(request)));
    const { answer } = started;
    if (answer.kind === 'never') return;
    if (answer.kind === 'json') {
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer.body));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const chunk of answer.chunks) {
      const event = `data: ${JSON.stringify(chunk)}\n\n`;
      // Events come as the network cuts them.
      response.write(event.slice(0, 9));
      await new Promise((resolve) => setImmediate(resolve));
      response.write(event.slice(9));
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (answer.breaksOff === true) response.destroy();
    else response.end('data: [DONE]\n\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const started: OpenAiServer = {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    paths,
    answer: { kind: 'never' },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return started;
}
