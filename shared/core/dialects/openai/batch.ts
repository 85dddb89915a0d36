import type { BatchItem, BatchTally } from '../../../contract/batch-item.ts';
import { isOver } from '../../../contract/batch-statuses.ts';
import { isObject, type Json } from '../../answers/json-members.ts';
import type { SentMember } from '../../batch-check.ts';
import { toBatchView } from '../../batch-view.ts';
import type { SentBatch } from '../../parse-batch.ts';
import { toDialectBatchId } from '../batch-ids.ts';
import { fault, notAnObject, type PlaceFault } from '../converted.ts';
import type { ConversionContext } from '../model-names.ts';
import { openAiToEnvelope } from './body-to-envelope.ts';

export const OPENAI_BATCH_PREFIX = 'batch_';
/** Files that lie nowhere: the results of a batch, as they are read. */
export const OUTPUT_FILE_PREFIX = 'file-output-';
export const ERROR_FILE_PREFIX = 'file-errors-';

const ENDPOINT = '/v1/chat/completions';
/** What of a batch's creation has no place in ours is kept with its metadata. */
const OWN = 'openai:';

export interface OpenAiBatchOrder {
  readonly inputFileId: string;
  readonly window: string;
  readonly seconds: number;
  readonly metadata: Readonly<Record<string, string>>;
}

export type ParsedOrder =
  | { readonly ok: true; readonly order: OpenAiBatchOrder }
  | { readonly ok: false; readonly faults: readonly PlaceFault[] };

const FIELDS = ['input_file_id', 'endpoint', 'completion_window', 'metadata'];
const MOST_HOURS = 120;

const secondsOf = (window: unknown): number | undefined => {
  const hours = Number(/^([1-9]\d{0,2})h$/.exec(typeof window === 'string' ? window : '')?.[1]);
  return hours <= MOST_HOURS ? hours * 3600 : undefined;
};

const metadataOf = (metadata: unknown): Readonly<Record<string, string>> | undefined => {
  if (metadata === undefined || metadata === null) return {};
  if (!isObject(metadata)) return undefined;
  const entries = Object.entries(metadata);
  const isSound = entries.every(
    ([name, value]) =>
      typeof value === 'string' && name.length <= 64 && value.length <= 512 && !name.startsWith(OWN),
  );
  return isSound && entries.length <= 16 ? (metadata as Record<string, string>) : undefined;
};

/** The body of a batch's creation. */
export const parseOpenAiOrder = (body: unknown): ParsedOrder => {
  if (!isObject(body)) return { ok: false, faults: [notAnObject('', body)] };
  const seconds = secondsOf(body.completion_window);
  const metadata = metadataOf(body.metadata);
  const { input_file_id: inputFileId, endpoint, completion_window: window } = body;
  const faults = [
    ...Object.keys(body)
      .filter((name) => !FIELDS.includes(name))
      .map((name) => fault(`/${name}`, 'is not taken here; leave it out')),
    ...(typeof inputFileId === 'string' ? [] : [fault('/input_file_id', 'must be the id of a file')]),
    ...(endpoint === ENDPOINT ? [] : [fault('/endpoint', `must be ${ENDPOINT}`)]),
    ...(seconds === undefined ? [fault('/completion_window', `must be 24h, or 1h to ${MOST_HOURS}h`)] : []),
    ...(metadata === undefined
      ? [fault('/metadata', 'must be at most 16 texts of 512 characters, by names of 64')]
      : []),
  ];
  if (faults.length > 0 || seconds === undefined || metadata === undefined) return { ok: false, faults };
  return { ok: true, order: { inputFileId: String(inputFileId), window: String(window), seconds, metadata } };
};

const LINE_FIELDS = ['custom_id', 'method', 'url', 'body'];

const toMember = (member: SentMember, context: ConversionContext) => {
  const at = (found: PlaceFault): PlaceFault =>
    member.line === undefined ? found : { ...found, line: member.line };
  if (!member.read.ok) return { member, faults: [at(fault('', member.read.detail))] };
  const record = member.read.body;
  if (!isObject(record)) return { member, faults: [at(notAnObject('', record))] };
  const { custom_id: customId, method, url, body } = record;
  const converted = openAiToEnvelope(body, '/body', context);
  const faults = [
    ...Object.keys(record)
      .filter((name) => !LINE_FIELDS.includes(name))
      .map((name) => fault(`/${name}`, `is not known beside ${LINE_FIELDS.join(', ')}`)),
    ...(typeof customId === 'string' ? [] : [fault('/custom_id', 'must be a string')]),
    ...(method === 'POST' ? [] : [fault('/method', 'must be POST')]),
    ...(url === ENDPOINT ? [] : [fault('/url', `must be ${ENDPOINT}`)]),
    ...(converted.ok ? [] : converted.faults),
  ];
  const envelope = converted.ok ? { custom_id: customId, ...converted.envelope } : {};
  return { member: { ...member, read: { ok: true as const, body: envelope } }, faults: faults.map(at) };
};

export type ConvertedLines =
  | { readonly ok: true; readonly sent: SentBatch }
  | { readonly ok: false; readonly faults: readonly PlaceFault[] };

/** The lines of a file, and what was ordered of them, as a batch of ours. */
export const toSentLines = (
  lines: readonly SentMember[],
  order: OpenAiBatchOrder,
  context: ConversionContext,
): ConvertedLines => {
  const converted = lines.map((line) => toMember(line, context));
  const faults = converted.flatMap((one) => one.faults);
  if (faults.length > 0) return { ok: false, faults };
  const own = { [`${OWN}input_file_id`]: order.inputFileId, [`${OWN}completion_window`]: order.window };
  return {
    ok: true,
    sent: {
      faults: [],
      customId: null,
      metadata: { ...order.metadata, ...own },
      defaults: { expires_in_seconds: order.seconds },
      body: { ...order },
      content: { kind: 'members', pointer: '', members: converted.map(({ member }) => member) },
    },
  };
};

const statusOf = (batch: BatchItem, expired: number): string => {
  switch (batch.status) {
    case 'awaiting_upload':
    case 'validating':
      return 'validating';
    case 'in_progress':
      return 'in_progress';
    case 'canceling':
      return 'cancelling';
    case 'failed':
      return 'failed';
    case 'ended':
      if (batch.cancelInitiatedAtMs !== undefined) return 'cancelled';
      return expired > 0 ? 'expired' : 'completed';
  }
};

const seconds = (timeMs: number | undefined): number | null =>
  timeMs === undefined ? null : Math.floor(timeMs / 1000);

const END_FIELDS: Readonly<Record<string, string>> = {
  completed: 'completed_at',
  failed: 'failed_at',
  expired: 'expired_at',
  cancelled: 'cancelled_at',
};

const fileOf = (prefix: string, batch: BatchItem, lines: number): string | null =>
  isOver(batch.status) && lines > 0 ? toDialectBatchId(prefix, batch.batchId) : null;

const usageOf = ({ usage }: ReturnType<typeof toBatchView>): Json => {
  // Cached tokens are counted in theirs, and apart in ours.
  const input = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cache_read_tokens },
    output_tokens: usage.output_tokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + usage.output_tokens,
  };
};

/** A batch as OpenAI's clients poll it. */
export const toOpenAiBatch = (batch: BatchItem, tallies: readonly BatchTally[]): Json => {
  const view = toBatchView(batch, tallies);
  const { total, succeeded, failed, canceled, expired } = view.counts;
  const status = statusOf(batch, expired);
  const ended = END_FIELDS[status];
  const { metadata } = batch;
  const own = Object.entries(metadata).filter(([name]) => !name.startsWith(OWN));
  return {
    id: toDialectBatchId(OPENAI_BATCH_PREFIX, batch.batchId),
    object: 'batch',
    endpoint: ENDPOINT,
    errors: null,
    input_file_id: metadata[`${OWN}input_file_id`] ?? '',
    completion_window: metadata[`${OWN}completion_window`] ?? '24h',
    status,
    output_file_id: fileOf(OUTPUT_FILE_PREFIX, batch, succeeded),
    error_file_id: fileOf(ERROR_FILE_PREFIX, batch, failed + canceled + expired),
    created_at: seconds(batch.createdAtMs),
    in_progress_at: seconds(batch.acceptedAtMs),
    expires_at: seconds(batch.expiresAtMs),
    cancelling_at: seconds(batch.cancelInitiatedAtMs),
    ...(ended === undefined ? {} : { [ended]: seconds(batch.endedAtMs) }),
    request_counts: { total, completed: succeeded, failed: failed + canceled + expired },
    usage: usageOf(view),
    metadata: Object.fromEntries(own),
  };
};
