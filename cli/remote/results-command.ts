import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Command } from 'commander';
import type { Result } from '../../shared/contract/request.ts';
import type { ApiAnswer, ApiClient } from '../api-client.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { print, printJson, say } from '../output.ts';
import { answered } from '../refused.ts';
import { exitCodeOf, followBatch } from './follow-batch.ts';
import { isBatchId, openApi, pathOf, type RemoteOptions, remoteCommand } from './remote-command.ts';
import { isResult, type RequestView, renderRequest } from './render-views.ts';

interface ResultsOptions extends RemoteOptions {
  readonly out?: string;
  readonly status?: string;
}

const nextOf = (headers: Headers): string | undefined =>
  /<([^<>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];

/** All pages of what has ended, as it comes. */
export async function* readPages(api: ApiClient, batchId: string, status?: string): AsyncGenerator<string> {
  const query = new URLSearchParams({ limit: '10000', ...(status === undefined ? {} : { status }) });
  let next: string | undefined = `/v1/batches/${batchId}/results?${query}`;
  while (next !== undefined) {
    const answer: ApiAnswer<string> = await api.call({ method: 'GET', path: next });
    yield answered(answer);
    next = answer.kind === 'answered' ? nextOf(answer.headers) : undefined;
  }
}

/** To a file, or to standard output. */
export const writePages = async (pages: AsyncIterable<string>, out: string | undefined): Promise<void> => {
  if (out === undefined) {
    for await (const page of pages) if (page !== '') print(page);
    return;
  }
  const file = createWriteStream(out);
  await once(file, 'open');
  for await (const page of pages) file.write(page);
  file.end();
  await once(file, 'close');
  say(`The results are in ${out}.`);
};

const results = async (id: string, options: ResultsOptions): Promise<void> => {
  const api = openApi(options);
  if (isBatchId(id)) return writePages(readPages(api, id, options.status), options.out);
  printJson(answered(await api.call<Result>({ method: 'GET', path: pathOf(id) })));
};

const LONG_POLL_SECONDS = 25;

/** The API waits as long as it may; between two looks so does the client, as long as it is told to. */
export const waitForRequest = async (api: ApiClient, id: string): Promise<Result> => {
  for (;;) {
    const answer = await api.call<RequestView>({
      method: 'GET',
      path: `${pathOf(id)}?wait=${LONG_POLL_SECONDS}`,
    });
    const view = answered(answer);
    if (isResult(view)) return view;
    const waited = answer.kind === 'answered' ? (answer.headers.get('preference-applied') ?? '') : '';
    if (!/wait=[1-9]/.test(waited)) await new Promise((resolve) => setTimeout(resolve, 1000));
  }
};

export const endWith = (result: Result, isJson: boolean): void => {
  if (isJson) printJson(result);
  else print(renderRequest(result));
  process.exitCode = result.status === 'succeeded' ? EXIT_CODES.ok : EXIT_CODES.someFailed;
};

const watch = async (id: string, options: RemoteOptions): Promise<void> => {
  const api = openApi(options);
  if (!isBatchId(id)) return endWith(await waitForRequest(api, id), options.json === true);
  const batch = await followBatch(api, id);
  if (options.json === true) printJson(batch);
  process.exitCode = exitCodeOf(batch);
};

export const createResultCommands = (): readonly Command[] => [
  remoteCommand('watch', 'Follow a request or a batch until it has ended.')
    .argument('<id>', 'req_… or bat_…')
    .action(watch),
  remoteCommand('results', 'The results of a batch so far, one a line; or that of a request.')
    .argument('<id>', 'req_… or bat_…')
    .option('--out <file>', 'write them there')
    .option('--status <statuses>', 'of a batch: only these, with commas between them')
    .action(results),
];
