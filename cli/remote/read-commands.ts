import { type Command, InvalidArgumentError } from 'commander';
import type { Batch } from '../../shared/contract/batch.ts';
import { limit } from '../../shared/contract/limits.ts';
import type { PoolQuota } from '../../shared/contract/quota-view.ts';
import { print, printJson, printRows, say } from '../output.ts';
import { answered } from '../refused.ts';
import { openApi, pathOf, type RemoteOptions, remoteCommand } from './remote-command.ts';
import {
  adviceOf,
  BATCH_COLUMNS,
  LIMIT_COLUMNS,
  REQUEST_COLUMNS,
  type RequestView,
  renderRequest,
  toLimitRows,
} from './render-views.ts';

const status = async (id: string, options: RemoteOptions): Promise<void> => {
  const view = answered(
    await openApi(options).call<Batch | RequestView>({ method: 'GET', path: pathOf(id) }),
  );
  if (options.json === true) printJson(view);
  else if ('batch_id' in view && 'counts' in view) printRows([view], BATCH_COLUMNS);
  else if ('request_id' in view) print(renderRequest(view));
};

const cancel = async (id: string, options: RemoteOptions): Promise<void> => {
  const answer = await openApi(options).call<Batch | RequestView>({
    method: 'POST',
    path: `${pathOf(id)}/cancel`,
  });
  const view = answered(answer);
  if (options.json === true) printJson(view);
  else say(`${id} is ${view.status}.`);
};

interface ListOptions extends RemoteOptions {
  readonly status?: string;
  readonly customId?: string;
  readonly needsAttention?: true;
  readonly limit: number;
}

const listPath = (what: string, options: ListOptions): string => {
  const query = new URLSearchParams({ limit: String(options.limit) });
  if (what === 'requests') {
    if (options.status !== undefined) query.set('status', options.status);
    if (options.customId !== undefined) query.set('custom_id', options.customId);
    if (options.needsAttention === true) query.set('needs_attention', 'true');
  }
  return `/v1/${what}?${query}`;
};

interface Page {
  readonly requests?: readonly RequestView[];
  readonly batches?: readonly Batch[];
  readonly next_cursor: string | null;
}

const list = async (what: string, options: ListOptions): Promise<void> => {
  const page = answered(await openApi(options).call<Page>({ method: 'GET', path: listPath(what, options) }));
  if (options.json === true) return printJson(page);
  if (page.batches !== undefined) printRows(page.batches, BATCH_COLUMNS);
  if (page.requests !== undefined) printRows(page.requests, REQUEST_COLUMNS);
  if (page.next_cursor === null && (page.batches ?? page.requests ?? []).length === 0) say('There are none.');
  if (page.next_cursor !== null) say('There are more; --limit shows more of them.');
};

const quota = async (options: RemoteOptions): Promise<void> => {
  const view = answered(
    await openApi(options).call<{ readonly pools: readonly PoolQuota[] }>({
      method: 'GET',
      path: '/v1/quota',
    }),
  );
  if (options.json === true) return printJson(view);
  printRows(toLimitRows(view.pools), LIMIT_COLUMNS);
  for (const sentence of view.pools.flatMap(adviceOf)) say(sentence);
};

const parseWhat = (text: string): string => {
  if (text === 'requests' || text === 'batches') return text;
  throw new InvalidArgumentError('It must be requests or batches.');
};

const parsePageSize = (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > limit('list_entries'))
    throw new InvalidArgumentError(`It must be a number from 1 to ${limit('list_entries')}.`);
  return value;
};

export const createReadCommands = (): readonly Command[] => [
  remoteCommand('status', 'How far a request or a batch is; of one that has ended, its answer.')
    .argument('<id>', 'req_… or bat_…')
    .action(status),
  remoteCommand('cancel', 'Cancel a request or a batch.').argument('<id>', 'req_… or bat_…').action(cancel),
  remoteCommand('list', 'List requests or batches, newest first.')
    .argument('[what]', 'requests or batches', parseWhat, 'requests')
    .option('--status <statuses>', 'of requests: only these, with commas between them')
    .option('--custom-id <id>', 'of requests: only of this id')
    .option('--needs-attention', 'of requests: only what failed or expired')
    .option('--limit <n>', 'how many to look at', parsePageSize, 20)
    .action(list),
  remoteCommand('quota', 'The quota of every pool, and who uses it.').action(quota),
];
