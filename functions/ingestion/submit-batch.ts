import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { CORRELATION_ATTRIBUTE, parseCorrelationId } from '../../shared/contract/correlation.ts';
import { QUEUES } from '../../shared/contract/names.ts';
import type { Problem } from '../../shared/contract/problem.ts';
import type { Refusal } from '../../shared/contract/request.ts';
import { SET_ASIDE_ATTRIBUTES } from '../../shared/contract/set-aside.ts';
import { toQueueJson } from '../../shared/core/queue-json.ts';
import type { AcceptDeps } from '../../shared/flows/accept/accept-deps.ts';
import { createAcceptRequests } from '../../shared/flows/accept/accept-requests.ts';
import type { Acceptance, Submission } from '../../shared/flows/accept/submission.ts';
import { type ParsedRecord, parseRecord, type RecordOutcome, toBatchResponse } from '../runtime/sqs-batch.ts';
import { type Sender, senderOf } from './sender-of.ts';

type Parsed = Extract<ParsedRecord, { kind: 'parsed' }>;

const toSubmission = ({ record, body }: Parsed, sender: Sender): Submission => {
  const correlationId = parseCorrelationId(record.messageAttributes[CORRELATION_ATTRIBUTE]?.stringValue);
  return {
    body,
    door: 'queue',
    messageId: record.messageId,
    ...(sender.kind === 'tenant' ? { provenTenant: sender.tenant } : {}),
    ...(correlationId === undefined ? {} : { correlationId }),
  };
};

/** What is longer can be neither an id nor a tenant, and could keep the refusal from fitting into a message. */
const ECHOED_CHARACTERS = 1000;

const textAt = (body: unknown, field: string): string | null => {
  const value = (body as Readonly<Record<string, unknown>> | null)?.[field];
  return typeof value === 'string' && value.length <= ECHOED_CHARACTERS ? value : null;
};

const toRefusal = ({ record, body }: Parsed, error: Problem): Refusal => ({
  request_id: null,
  custom_id: textAt(body, 'custom_id'),
  tenant: textAt(body, 'tenant'),
  status: 'failed',
  message_id: record.messageId,
  error,
});

/** A bad message gets the answer that HTTP would have given, on the results queue. */
const answerRefusal = async (
  parsed: Parsed,
  problem: Problem,
  { queues }: AcceptDeps,
): Promise<RecordOutcome> => {
  const failed = await queues.send(QUEUES.results, [{ body: toQueueJson(toRefusal(parsed, problem)) }]);
  return failed.size === 0 ? 'done' : 'again';
};

/** Nobody can be answered: the message goes to the dead letters as it is, with its id and the reason, and a metric says so. */
const setAside = async (
  { record }: ParsedRecord,
  { queues, telemetry }: AcceptDeps,
): Promise<RecordOutcome> => {
  telemetry.measure('UnreadableMessages', 1, {});
  telemetry.log('warn', 'message_unreadable', { message_id: record.messageId });
  const attributes = {
    [SET_ASIDE_ATTRIBUTES.messageId]: record.messageId,
    [SET_ASIDE_ATTRIBUTES.reason]: 'malformed_json',
  };
  const failed = await queues.send(QUEUES.inputDeadLetter, [{ body: record.body, attributes }]);
  if (failed.size === 0) return 'done';
  // A message of the largest size has no room for attributes.
  const failedWithout = await queues.send(QUEUES.inputDeadLetter, [{ body: record.body }]);
  return failedWithout.size === 0 ? 'done' : 'again';
};

type Answered = Acceptance | undefined;

/** The queue's door: one batch of the input queue. */
export const createSubmitBatch = (deps: AcceptDeps) => {
  const accept = createAcceptRequests(deps);
  const acceptAll = async (parsed: readonly Parsed[]): Promise<ReadonlyMap<ParsedRecord, Answered>> => {
    const sent = parsed.map((record) => ({ record, sender: senderOf(record.record, deps.settings) }));
    const known = sent.filter(({ sender }) => sender.kind !== 'unknown');
    const acceptances = await accept(known.map(({ record, sender }) => toSubmission(record, sender)));
    return new Map([
      ...sent.flatMap(({ record, sender }): [ParsedRecord, Answered][] =>
        sender.kind === 'unknown' ? [[record, { kind: 'refused', problem: sender.problem }]] : [],
      ),
      ...known.map(({ record }, index): [ParsedRecord, Answered] => [record, acceptances[index]]),
    ]);
  };
  return async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const records = event.Records.map(parseRecord);
    const parsed = records.filter((record): record is Parsed => record.kind === 'parsed');
    const acceptanceOf = await acceptAll(parsed);
    const outcomes = await Promise.all(
      records.map((record): Promise<RecordOutcome> | RecordOutcome => {
        if (record.kind === 'unreadable') return setAside(record, deps);
        const acceptance = acceptanceOf.get(record);
        if (acceptance?.kind === 'refused') return answerRefusal(record, acceptance.problem, deps);
        return acceptance?.kind === 'accepted' ? 'done' : 'again';
      }),
    );
    return toBatchResponse(event, outcomes);
  };
};
