import { escapeXml } from '../escape-xml.ts';
import { deliver } from './deliver.ts';
import { MAX_MESSAGE_BYTES, notificationBytes, parseNotification, requireBytes } from './notification.ts';
import type { QueryForm } from './query-form.ts';
import { requireTopic, type SnsAction } from './sns-action.ts';
import { SnsError } from './sns-error.ts';

const MAX_ENTRIES = 10;
const ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/;

export const publish: SnsAction = async (call) => {
  const topic = requireTopic(call, call.form.get('TopicArn') === undefined ? 'TargetArn' : 'TopicArn');
  const messageId = await deliver(call, topic, requireBytes(parseNotification(call.form)));
  return `<MessageId>${messageId}</MessageId>`;
};

/** What is wrong with one entry fails that entry alone. */
export const publishBatch: SnsAction = async (call) => {
  const topic = requireTopic(call);
  const entries = requireEntries(call.form.list('PublishBatchRequestEntries.member'));
  const parsed = entries.map((form) => ({ id: form.require('Id'), outcome: parseEntry(form) }));
  const totalBytes = parsed.reduce(
    (sum, { outcome }) => sum + (outcome instanceof SnsError ? 0 : notificationBytes(outcome)),
    0,
  );
  if (totalBytes > MAX_MESSAGE_BYTES) {
    throw new SnsError(
      'BatchRequestTooLong',
      'The length of all the batch messages put together is more than the limit.',
    );
  }
  const successful: string[] = [];
  const failed: string[] = [];
  for (const { id, outcome } of parsed) {
    if (outcome instanceof SnsError) failed.push(describeFailure(id, outcome));
    else {
      const messageId = await deliver(call, topic, outcome);
      successful.push(`<member><Id>${id}</Id><MessageId>${messageId}</MessageId></member>`);
    }
  }
  return `<Successful>${successful.join('')}</Successful><Failed>${failed.join('')}</Failed>`;
};

function requireEntries(entries: readonly QueryForm[]): readonly QueryForm[] {
  if (entries.length === 0)
    throw new SnsError('EmptyBatchRequest', 'The batch request does not contain any entries.');
  if (entries.length > MAX_ENTRIES) {
    throw new SnsError(
      'TooManyEntriesInBatchRequest',
      `The batch request contains more entries than permissible: ${entries.length} of ${MAX_ENTRIES}.`,
    );
  }
  const ids = entries.map((entry) => entry.get('Id') ?? '');
  const invalid = ids.find((id) => !ENTRY_ID.test(id));
  if (invalid !== undefined) {
    throw new SnsError('InvalidBatchEntryId', `The Id of a batch entry is not valid: "${invalid}".`);
  }
  if (new Set(ids).size < ids.length) {
    throw new SnsError(
      'BatchEntryIdsNotDistinct',
      'Two or more batch entries in the request have the same Id.',
    );
  }
  return entries;
}

function parseEntry(form: QueryForm) {
  try {
    return parseNotification(form);
  } catch (error) {
    if (error instanceof SnsError) return error;
    throw error;
  }
}

function describeFailure(id: string, { code, message }: SnsError): string {
  return (
    `<member><Id>${id}</Id><Code>${code}</Code><Message>${escapeXml(message)}</Message>` +
    '<SenderFault>true</SenderFault></member>'
  );
}
