import type { QueryForm } from './query-form.ts';
import { invalidParameter, SnsError, unsupported } from './sns-error.ts';
import type { Protocol } from './topic-store.ts';

export interface NotificationAttribute {
  readonly Type: string;
  /** Base64 when binary. */
  readonly Value: string;
}

/** What is published, before it has an id. */
export interface Notification {
  readonly message: string;
  /** With MessageStructure json: other messages for other protocols. */
  readonly messages: Readonly<Record<string, string>>;
  readonly subject: string | undefined;
  readonly groupId: string | undefined;
  readonly attributes: Readonly<Record<string, NotificationAttribute>>;
}

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export const MAX_MESSAGE_BYTES = 262_144;
const MAX_SUBJECT_LENGTH = 100;
const DATA_TYPE = /^(String(\.Array)?|Number|Binary)$/;

export function parseNotification(form: QueryForm): Notification {
  for (const name of ['PhoneNumber', 'MessageDeduplicationId']) {
    if (form.get(name) !== undefined) throw unsupported(name);
  }
  const message = form.get('Message') ?? '';
  if (message === '') throw invalidParameter('Message', 'Empty message');
  return {
    message,
    messages: parseStructure(form.get('MessageStructure'), message),
    subject: parseSubject(form.get('Subject')),
    groupId: form.get('MessageGroupId'),
    attributes: parseAttributes(form),
  };
}

/** Message, and names, types and values of attributes. */
export function notificationBytes({ message, attributes }: Notification): number {
  const parts = Object.entries(attributes).flatMap(([name, { Type, Value }]) => [name, Type, Value]);
  return [message, ...parts].reduce((sum, part) => sum + Buffer.byteLength(part), 0);
}

export function requireBytes(notification: Notification): Notification {
  if (notificationBytes(notification) <= MAX_MESSAGE_BYTES) return notification;
  throw invalidParameter('Message', 'Message too long');
}

export function messageFor({ message, messages }: Notification, protocol: Protocol): string {
  return messages[protocol] ?? messages.default ?? message;
}

function parseStructure(structure: string | undefined, message: string): Record<string, string> {
  if (structure === undefined) return {};
  if (structure !== 'json') throw invalidParameter('MessageStructure', 'it can only be json');
  const messages = parseJson(message);
  if (typeof messages?.default !== 'string') {
    throw invalidParameter('Message Structure', 'No default entry in JSON message body');
  }
  const texts = Object.entries(messages).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts);
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidParameter('Message Structure', 'JSON message body failed to parse');
  }
}

function parseSubject(subject: string | undefined): string | undefined {
  if (subject === undefined) return undefined;
  // It becomes the subject of an email, so it is one line of text.
  const isLine = subject.length > 0 && subject.length <= MAX_SUBJECT_LENGTH && /^[^\p{Cc}]+$/u.test(subject);
  if (!isLine)
    throw invalidParameter('Subject', `it must be 1 to ${MAX_SUBJECT_LENGTH} characters in one line`);
  return subject;
}

function parseAttributes(form: QueryForm): Record<string, NotificationAttribute> {
  const attributes = form.list('MessageAttributes.entry').map((entry) => {
    const name = entry.require('Name');
    const type = entry.get('Value.DataType') ?? '';
    if (!DATA_TYPE.test(type)) {
      throw invalidParameter('MessageAttributes', `${name} has the type ${type}, which is not supported`);
    }
    const field = type === 'Binary' ? 'Value.BinaryValue' : 'Value.StringValue';
    const value = entry.get(field) ?? '';
    if (value === '')
      throw new SnsError(
        'InvalidParameter',
        `The message attribute '${name}' must contain a non-empty value.`,
      );
    return [name, { Type: type, Value: value }] as const;
  });
  return Object.fromEntries(attributes);
}
