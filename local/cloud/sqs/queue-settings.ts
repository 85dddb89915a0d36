import { refuseDenials } from '../refuse-denials.ts';
import { SqsError } from './sqs-error.ts';

export type QueueAttributes = Readonly<Record<string, string>>;

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

/** The attributes as the queue acts on them. */
export interface QueueSettings {
  readonly attributes: QueueAttributes;
  readonly delayMs: number;
  readonly maximumMessageBytes: number;
  readonly retentionMs: number;
  readonly waitSeconds: number;
  readonly visibilityTimeoutSeconds: number;
  readonly redrivePolicy: RedrivePolicy | undefined;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
const NUMBERS = {
  DelaySeconds: { min: 0, max: 900, fallback: 0 },
  MaximumMessageSize: { min: 1_024, max: 1_048_576, fallback: 1_048_576 },
  MessageRetentionPeriod: { min: 60, max: 1_209_600, fallback: 345_600 },
  ReceiveMessageWaitTimeSeconds: { min: 0, max: 20, fallback: 0 },
  VisibilityTimeout: { min: 0, max: 43_200, fallback: 30 },
} as const;

type NumberAttribute = keyof typeof NUMBERS;

/** Kept and shown, but without effect here: encryption at rest is seen by nobody. */
const ENCRYPTION: Readonly<Record<string, RegExp>> = {
  KmsDataKeyReusePeriodSeconds: /^\d{2,5}$/,
  KmsMasterKeyId: /^.{0,2048}$/,
  SqsManagedSseEnabled: /^(true|false)$/,
};
const MAX_RECEIVE_COUNT = 1_000;
const MAX_SOURCE_QUEUES = 10;

/** Checks what a caller set and gives it the one form in which it is kept and compared. */
export function parseQueueAttributes(given: QueueAttributes): QueueAttributes {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, parseAttribute(name, value)]),
  );
}

export function toQueueSettings(set: QueueAttributes): QueueSettings {
  const defaults = Object.entries(NUMBERS).map(([name, { fallback }]) => [name, String(fallback)]);
  const kept = Object.entries(set).filter(([, value]) => value !== '');
  const attributes: QueueAttributes = Object.fromEntries([...defaults, ...kept]);
  const numberOf = (name: NumberAttribute) => Number(attributes[name]);
  return {
    attributes,
    delayMs: numberOf('DelaySeconds') * 1000,
    maximumMessageBytes: numberOf('MaximumMessageSize'),
    retentionMs: numberOf('MessageRetentionPeriod') * 1000,
    waitSeconds: numberOf('ReceiveMessageWaitTimeSeconds'),
    visibilityTimeoutSeconds: numberOf('VisibilityTimeout'),
    redrivePolicy: attributes.RedrivePolicy === undefined ? undefined : JSON.parse(attributes.RedrivePolicy),
  };
}

/** Whether a dead-letter queue lets `sourceArn` name it. */
export function allowsRedriveFrom(deadLetterQueue: QueueSettings, sourceArn: string): boolean {
  const text = deadLetterQueue.attributes.RedriveAllowPolicy;
  if (text === undefined) return true;
  const policy: { redrivePermission: string; sourceQueueArns?: string[] } = JSON.parse(text);
  if (policy.redrivePermission === 'byQueue') return policy.sourceQueueArns?.includes(sourceArn) ?? false;
  return policy.redrivePermission === 'allowAll';
}

function parseAttribute(name: string, value: string): string {
  if (Object.hasOwn(NUMBERS, name)) return parseNumber(name as NumberAttribute, value);
  if (name === 'RedrivePolicy') return value === '' ? '' : JSON.stringify(parseRedrivePolicy(value));
  if (name === 'RedriveAllowPolicy')
    return value === '' ? '' : JSON.stringify(parseRedriveAllowPolicy(value));
  if (name === 'Policy') return parsePolicy(value);
  const form = Object.hasOwn(ENCRYPTION, name) ? ENCRYPTION[name] : undefined;
  if (form?.test(value)) return value;
  if (form !== undefined) throw invalidAttribute(name, `"${value}" is none of its values`);
  throw new SqsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
}

function parsePolicy(text: string): string {
  const refusal = refuseDenials(text);
  if (refusal !== undefined) throw invalidAttribute('Policy', refusal);
  return text;
}

function parseNumber(name: NumberAttribute, value: string): string {
  const { min, max } = NUMBERS[name];
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= max) return String(number);
  throw invalidAttribute(name, `must be an integer from ${min} to ${max}, but is "${value}"`);
}

function parseRedrivePolicy(text: string): RedrivePolicy {
  const { deadLetterTargetArn, maxReceiveCount } = parseJson('RedrivePolicy', text);
  const count = typeof maxReceiveCount === 'string' ? Number(maxReceiveCount) : maxReceiveCount;
  if (typeof deadLetterTargetArn !== 'string') {
    throw invalidAttribute('RedrivePolicy', 'deadLetterTargetArn is missing');
  }
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > MAX_RECEIVE_COUNT) {
    throw invalidAttribute(
      'RedrivePolicy',
      `maxReceiveCount must be an integer from 1 to ${MAX_RECEIVE_COUNT}`,
    );
  }
  return { deadLetterTargetArn, maxReceiveCount: count };
}

function parseRedriveAllowPolicy(text: string): Record<string, unknown> {
  const { redrivePermission, sourceQueueArns } = parseJson('RedriveAllowPolicy', text);
  if (redrivePermission === 'allowAll' || redrivePermission === 'denyAll') return { redrivePermission };
  if (redrivePermission !== 'byQueue') {
    throw invalidAttribute('RedriveAllowPolicy', 'redrivePermission must be allowAll, denyAll or byQueue');
  }
  if (
    !Array.isArray(sourceQueueArns) ||
    sourceQueueArns.length < 1 ||
    sourceQueueArns.length > MAX_SOURCE_QUEUES
  ) {
    throw invalidAttribute(
      'RedriveAllowPolicy',
      `sourceQueueArns must name 1 to ${MAX_SOURCE_QUEUES} queues`,
    );
  }
  return { redrivePermission, sourceQueueArns };
}

function parseJson(name: string, text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // Told below, together with JSON that is no object.
  }
  throw invalidAttribute(name, 'not a JSON object');
}

function invalidAttribute(name: string, reason: string): SqsError {
  return new SqsError('InvalidAttributeValue', `Invalid value for the parameter ${name}. Reason: ${reason}.`);
}
