import { type Command, Option } from 'commander';
import { UserError } from '../../local/user-error.ts';
import type { Batch } from '../../shared/contract/batch.ts';
import type { BatchEstimate } from '../../shared/contract/estimate.ts';
import { limit } from '../../shared/contract/limits.ts';
import { PRIORITIES } from '../../shared/contract/priorities.ts';
import type { PoolQuota } from '../../shared/contract/quota-view.ts';
import { modelNamesOfPools } from '../../shared/core/dialects/model-names.ts';
import type { ApiClient } from '../api-client.ts';
import { checkReadable, renderFaults } from '../input/check-input.ts';
import { readInput } from '../input/read-input.ts';
import {
  addInputOptions,
  defaultsOf,
  type InputCommandOptions,
  inputOptionsOf,
  positiveInteger,
} from '../input-options.ts';
import { print, printJson, say } from '../output.ts';
import { answered, FaultyInput } from '../refused.ts';
import { readPrompts } from '../run/read-prompts.ts';
import { renderCount, renderRequests, renderSeconds, renderUsd } from '../run/render-progress.ts';
import { exitCodeOf, followBatch } from './follow-batch.ts';
import { openApi, type RemoteOptions, remoteCommand } from './remote-command.ts';
import type { RequestView } from './render-views.ts';
import { endWith, readPages, waitForRequest, writePages } from './results-command.ts';

interface SubmitOptions extends RemoteOptions {
  readonly model?: string;
  readonly priority?: string;
  readonly maxTokens?: number;
  readonly system?: string;
  readonly key?: string;
  readonly wait?: true;
}

const parseEnvelope = (text: string): Record<string, unknown> => {
  if (!/^\s*\{/.test(text)) return { prompt: text.trimEnd() };
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new UserError(`The request begins like JSON and is none: ${(error as Error).message}.`);
  }
};

/** A request as JSON goes as it is; a text is a prompt, to which the options belong. */
const toEnvelope = (text: string, options: SubmitOptions): Record<string, unknown> => {
  const { model, priority, maxTokens, system } = options;
  return {
    ...(model === undefined ? {} : { model }),
    ...(priority === undefined ? {} : { priority }),
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...(system === undefined ? {} : { system }),
    ...parseEnvelope(text),
  };
};

const submit = async (text: string, options: SubmitOptions): Promise<void> => {
  const api = openApi(options);
  const json = toEnvelope(text === '-' ? readPrompts('-') : text, options);
  const view = answered(
    await api.call<RequestView>({
      method: 'POST',
      path: '/v1/requests',
      json,
      ...(options.key === undefined ? {} : { idempotencyKey: options.key }),
    }),
  );
  if (options.wait === true)
    return endWith(await waitForRequest(api, view.request_id), options.json === true);
  if (options.json === true) printJson(view);
  else print(view.request_id);
};

interface FileOptions extends RemoteOptions, InputCommandOptions {
  readonly customId?: string;
  readonly key?: string;
  readonly wait?: true;
  readonly out?: string;
}

/** What can be read of a file, for an API whose models it tells itself. */
const readRequests = async (api: ApiClient, path: string, options: FileOptions) => {
  const text = readPrompts(path);
  const { pools } = answered(
    await api.call<{ readonly pools: readonly PoolQuota[] }>({ method: 'GET', path: '/v1/quota' }),
  );
  const read = readInput(text, inputOptionsOf(path, options), {
    models: modelNamesOfPools(pools),
    model: options.model,
  });
  if (!read.ok) throw new UserError(read.sentence);
  const checked = checkReadable(read.items, defaultsOf(options));
  if (checked.ok) return checked.requests.map(({ envelope }) => envelope);
  throw new FaultyInput(`${path} has faults; nothing was sent.\n${renderFaults(checked.faults)}`);
};

const put = async ({ upload }: Batch, body: string): Promise<void> => {
  if (upload === undefined) throw new Error('the batch has no place to upload to');
  const { method, url, headers } = upload;
  const response = await fetch(url, { method, headers, body });
  if (!response.ok)
    throw new Error(`the upload was refused with ${response.status}: ${await response.text()}`);
};

/** Small ones in one call; larger ones are uploaded, and started. */
const sendBatch = async (api: ApiClient, lines: string, options: FileOptions): Promise<Batch> => {
  const key = options.key === undefined ? {} : { idempotencyKey: options.key };
  const custom = options.customId === undefined ? {} : { custom_id: options.customId };
  const sizeBytes = Buffer.byteLength(lines);
  if (sizeBytes <= limit('http_body_bytes')) {
    const path = `/v1/batches?${new URLSearchParams(custom)}`;
    return answered(await api.call<Batch>({ method: 'POST', path, lines, ...key }));
  }
  const json = { ...custom, upload: { size_bytes: sizeBytes } };
  const created = answered(await api.call<Batch>({ method: 'POST', path: '/v1/batches', json, ...key }));
  if (created.status !== 'awaiting_upload') return created;
  await put(created, lines);
  return answered(await api.call<Batch>({ method: 'POST', path: `/v1/batches/${created.batch_id}/start` }));
};

const batch = async (path: string, options: FileOptions): Promise<void> => {
  const api = openApi(options);
  const requests = await readRequests(api, path, options);
  const lines = requests.map((envelope) => `${JSON.stringify(envelope)}\n`).join('');
  const sent = await sendBatch(api, lines, options);
  if (options.wait !== true) {
    if (options.json === true) printJson(sent);
    else print(sent.batch_id);
    return;
  }
  say(`${sent.batch_id}: ${renderRequests(requests.length)}.`);
  const ended = await followBatch(api, sent.batch_id);
  await writePages(readPages(api, sent.batch_id), options.out);
  process.exitCode = exitCodeOf(ended);
};

const renderEstimate = (estimate: BatchEstimate): string => {
  const { cost_usd: cost, limit: binding, miss_deadline: missed } = estimate;
  return [
    `${renderRequests(estimate.requests)}, about ${renderCount(estimate.input_tokens)} tokens in and ${renderCount(estimate.expected_output_tokens)} out`,
    cost === null
      ? 'the cost is not known: the pool has no prices'
      : `about ${renderUsd(cost.expected)}, from ${renderUsd(cost.least)} to ${renderUsd(cost.most)}`,
    `answered in about ${renderSeconds(estimate.eta_seconds)}${binding === null ? '' : `, held back by ${binding}`}`,
    ...(missed === 0 ? [] : [`${renderCount(missed)} would expire before they are answered`]),
  ].join('\n');
};

const estimate = async (path: string, options: FileOptions): Promise<void> => {
  const api = openApi(options);
  const requests = await readRequests(api, path, options);
  const answer = await api.call<BatchEstimate>({
    method: 'POST',
    path: '/v1/requests/estimate',
    json: { requests },
  });
  if (options.json === true) printJson(answered(answer));
  else print(renderEstimate(answered(answer)));
};

const withKey = (command: Command): Command =>
  command.option('--key <key>', 'idempotency key: the same again is the same, and is not paid for twice');

export const createSendCommands = (): readonly Command[] => [
  withKey(remoteCommand('submit', 'Submit one request: a prompt, or a request as JSON.'))
    .argument('<text>', 'the prompt, or one JSON object; - is standard input')
    .option('--model <name>', 'who answers')
    .option('--system <text>', 'the system prompt')
    .option('--max-tokens <n>', 'longest answer', positiveInteger)
    .addOption(new Option('--priority <class>', 'class of the request').choices(PRIORITIES))
    .option('--wait', 'wait for the answer, and print it')
    .action(submit),
  withKey(addInputOptions(remoteCommand('batch', 'Submit a file of requests as one batch.')))
    .argument('<file>', 'in any form that `smoother run` reads; - is standard input')
    .option('--custom-id <id>', 'of the batch')
    .option('--wait', 'follow it to its end, then print the results')
    .option('--out <file>', 'with --wait: write the results there')
    .action(batch),
  addInputOptions(
    remoteCommand('estimate', 'What a file of requests would cost, and how long it would take.'),
  )
    .argument('<file>', 'in any form that `smoother run` reads; - is standard input')
    .action(estimate),
];
