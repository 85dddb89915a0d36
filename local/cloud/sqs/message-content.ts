import crypto, { createHash } from 'node:crypto';
import { invalidParameter, SqsError } from './sqs-error.ts';
import { readObject, readString, requireString, type SqsInput } from './sqs-input.ts';

export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  /** Base64, as on the wire. */
  readonly BinaryValue?: string;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** What a message carries and SQS never looks into. */
export interface MessagePayload {
  readonly body: string;
  readonly bodyMd5: string;
  readonly attributes: MessageAttributes | undefined;
  readonly traceHeader: string | undefined;
}

const MAX_ATTRIBUTES = 10;
const ATTRIBUTE_NAME = /^(?!aws\.|amazon\.)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/i;
const DATA_TYPE = /^(String|Number|Binary)(\..+)?$/;
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
// The `u` flag makes a surrogate pair one character and leaves a lone surrogate refused.
const REFUSED_CHARACTER = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
/** The same without pairs, at a tenth of the cost: most bodies need no second look. */
const SUSPECT_UNIT = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD]/;

export function parsePayload(input: SqsInput): MessagePayload {
  const body = requireString(input.MessageBody, 'MessageBody');
  refuseCharacters(body);
  return {
    body,
    bodyMd5: md5(body),
    attributes: parseMessageAttributes(input),
    traceHeader: parseTraceHeader(input),
  };
}

/** As SQS counts it: body, and names, types and values of attributes. */
export function payloadBytes({ body, attributes }: MessagePayload): number {
  let bytes = Buffer.byteLength(body);
  if (attributes === undefined) return bytes;
  for (const [name, attribute] of Object.entries(attributes)) {
    bytes +=
      Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType) + attributeValue(attribute).length;
  }
  return bytes;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation */
export function attributesMd5(attributes: MessageAttributes): string {
  const hash = createHash('md5');
  const field = (bytes: Buffer) => {
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of Object.keys(attributes).sort()) {
    const attribute = attributes[name];
    if (attribute === undefined) continue;
    field(Buffer.from(name));
    field(Buffer.from(attribute.DataType));
    hash.update(Buffer.of(attribute.BinaryValue === undefined ? 1 : 2));
    field(attributeValue(attribute));
  }
  return hash.digest('hex');
}

/** `All`, `.*` and `prefix.*` select as in ReceiveMessage's MessageAttributeNames. */
export function selectAttributes(
  attributes: MessageAttributes | undefined,
  names: readonly string[],
): MessageAttributes | undefined {
  if (attributes === undefined || names.length === 0) return undefined;
  const asked = Object.entries(attributes).filter(([name]) => isAsked(name, names));
  return asked.length > 0 ? Object.fromEntries(asked) : undefined;
}

function isAsked(attributeName: string, names: readonly string[]): boolean {
  return names.some((name) => {
    if (name === 'All' || name === '.*') return true;
    return name.endsWith('.*') ? attributeName.startsWith(name.slice(0, -1)) : attributeName === name;
  });
}

function parseMessageAttributes(message: SqsInput): MessageAttributes | undefined {
  if (message.MessageAttributes === undefined) return undefined;
  const input = readObject(message.MessageAttributes, 'MessageAttributes');
  const names = Object.keys(input);
  if (names.length === 0) return undefined;
  if (names.length > MAX_ATTRIBUTES) {
    throw new SqsError(
      'InvalidParameterValueException',
      `Number of message attributes [${names.length}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, parseAttribute(name, readObject(input[name], name))]));
}

function parseAttribute(name: string, input: SqsInput): MessageAttribute {
  if (name.length > 256 || !ATTRIBUTE_NAME.test(name)) {
    throw invalidParameter('MessageAttributes', name, 'The message attribute name is not allowed.');
  }
  const dataType = requireString(input.DataType, 'DataType');
  const family = dataType.length <= 256 ? DATA_TYPE.exec(dataType)?.[1] : undefined;
  if (family === undefined) {
    throw invalidParameter('DataType', dataType, 'Must be String, Number or Binary, with an optional label.');
  }
  const field = family === 'Binary' ? 'BinaryValue' : 'StringValue';
  const value = readString(input[field], field);
  if (value === undefined || value === '') {
    throw invalidParameter('MessageAttributes', name, `Must contain a non-empty ${field}.`);
  }
  if (field === 'StringValue') refuseCharacters(value);
  return { DataType: dataType, [field]: value };
}

function parseTraceHeader(message: SqsInput): string | undefined {
  if (message.MessageSystemAttributes === undefined) return undefined;
  const input = readObject(message.MessageSystemAttributes, 'MessageSystemAttributes');
  const [name] = Object.keys(input).filter((key) => key !== 'AWSTraceHeader');
  if (name !== undefined) {
    throw invalidParameter(
      'MessageSystemAttributes',
      name,
      'AWSTraceHeader is the only one that can be sent.',
    );
  }
  if (input.AWSTraceHeader === undefined) return undefined;
  return parseAttribute('AWSTraceHeader', readObject(input.AWSTraceHeader, 'AWSTraceHeader')).StringValue;
}

function refuseCharacters(text: string): void {
  if (!SUSPECT_UNIT.test(text) || !REFUSED_CHARACTER.test(text)) return;
  throw new SqsError(
    'InvalidMessageContents',
    'Invalid binary character was found in the message body. Allowed are #x9, #xA, #xD, #x20 to #xD7FF, ' +
      '#xE000 to #xFFFD and #x10000 to #x10FFFF.',
  );
}

function attributeValue({ StringValue, BinaryValue }: MessageAttribute): Buffer {
  return BinaryValue === undefined ? Buffer.from(StringValue ?? '') : Buffer.from(BinaryValue, 'base64');
}

export function md5(text: string): string {
  // Half the cost, and not in every Node 20.
  return crypto.hash?.('md5', text) ?? createHash('md5').update(text).digest('hex');
}
