import type { BatchItem, BatchTally } from '../../../contract/batch-item.ts';
import { isOver } from '../../../contract/batch-statuses.ts';
import type { Result } from '../../../contract/request.ts';
import { isObject, type Json } from '../../answers/json-members.ts';
import { toBatchView } from '../../batch-view.ts';
import type { SentBatch } from '../../parse-batch.ts';
import { toDialectBatchId } from '../batch-ids.ts';
import { fault, notAnObject, type PlaceFault } from '../converted.ts';
import type { ConversionContext } from '../model-names.ts';
import { anthropicToEnvelope } from './params-to-envelope.ts';
import { toAnthropicBatchResult } from './result-to-message.ts';

export const ANTHROPIC_BATCH_PREFIX = 'msgbatch_';

export type ConvertedBatch =
  | { readonly ok: true; readonly sent: SentBatch }
  | { readonly ok: false; readonly faults: readonly PlaceFault[] };

const FIELDS = ['custom_id', 'params'];

const toMember = (request: unknown, base: string, context: ConversionContext) => {
  if (!isObject(request)) return { body: {}, faults: [notAnObject(base, request)] };
  const unknown = Object.keys(request)
    .filter((name) => !FIELDS.includes(name))
    .map((name) => fault(`${base}/${name}`, `is not known beside ${FIELDS.join(' and ')}`));
  const { custom_id: customId, params } = request;
  const missing = typeof customId === 'string' ? [] : [fault(`${base}/custom_id`, 'must be a string')];
  const converted = anthropicToEnvelope(params, `${base}/params`, context);
  return converted.ok
    ? { body: { custom_id: customId, ...converted.envelope }, faults: [...unknown, ...missing] }
    : { body: {}, faults: [...unknown, ...missing, ...converted.faults] };
};

/** A batch of messages as a batch of ours. */
export const toSentBatch = (body: unknown, context: ConversionContext): ConvertedBatch => {
  if (!isObject(body)) return { ok: false, faults: [notAnObject('', body)] };
  const { requests } = body;
  if (!Array.isArray(requests)) return { ok: false, faults: [fault('/requests', 'must be a list')] };
  const members = requests.map((request, index) => toMember(request, `/requests/${index}`, context));
  const faults = members.flatMap((member) => member.faults);
  if (faults.length > 0) return { ok: false, faults };
  return {
    ok: true,
    sent: {
      faults: [],
      customId: null,
      metadata: {},
      defaults: {},
      body,
      content: {
        kind: 'members',
        pointer: '/requests',
        members: members.map((member, index) => ({ index, read: { ok: true, body: member.body } })),
      },
    },
  };
};

const processingStatus = ({ status }: BatchItem): string => {
  if (isOver(status)) return 'ended';
  return status === 'canceling' ? 'canceling' : 'in_progress';
};

/** A batch as Anthropic's clients poll it. `resultsUrl` is told once all has ended, as they expect. */
export const toMessageBatch = (
  batch: BatchItem,
  tallies: readonly BatchTally[],
  resultsUrl: string,
): Json => {
  const { counts, created_at, expires_at, ended_at, cancel_initiated_at } = toBatchView(batch, tallies);
  const { processing, succeeded, failed, canceled, expired } = counts;
  return {
    id: toDialectBatchId(ANTHROPIC_BATCH_PREFIX, batch.batchId),
    type: 'message_batch',
    processing_status: processingStatus(batch),
    request_counts: { processing, succeeded, errored: failed, canceled, expired },
    created_at,
    expires_at,
    ended_at,
    cancel_initiated_at,
    archived_at: null,
    results_url: isOver(batch.status) && batch.total > 0 ? resultsUrl : null,
  };
};

export const toMessageBatchLine = (result: Result): Json => ({
  custom_id: result.custom_id,
  result: toAnthropicBatchResult(result),
});
