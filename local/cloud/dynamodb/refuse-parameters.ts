import type { DynamoDbReply } from './start-dynamodb.ts';

type Input = Readonly<Record<string, unknown>>;

interface Refusal {
  readonly parameter: string;
  /** Whether this value would change what the table does. */
  readonly hasEffect: (value: unknown) => boolean;
  readonly remedy: string;
}

const isGiven = (value: unknown) => value !== undefined && value !== null;
const isTrue = (value: unknown) => value === true;
const isNotEmpty = (value: unknown) => !Array.isArray(value) || value.length > 0;
const isEnabled = (value: unknown) => (value as { StreamEnabled?: unknown } | null)?.StreamEnabled === true;

const STREAM: Refusal = {
  parameter: 'StreamSpecification',
  hasEffect: isEnabled,
  remedy: 'it has no streams; leave it out',
};
const PROTECTION: Refusal = {
  parameter: 'DeletionProtectionEnabled',
  hasEffect: isTrue,
  remedy: 'its tables can always be deleted; leave it out',
};
const THROUGHPUT: Refusal = {
  parameter: 'OnDemandThroughput',
  hasEffect: isGiven,
  remedy: 'it throttles nothing; leave it out',
};
const CONDITION: Refusal = {
  parameter: 'ReturnValuesOnConditionCheckFailure',
  hasEffect: (value) => isGiven(value) && value !== 'NONE',
  remedy: 'read the item after a condition has failed',
};

/** What dynalite takes without complaint and does nothing about, though in AWS it would. */
const REFUSALS: Readonly<Record<string, readonly Refusal[]>> = {
  CreateTable: [
    STREAM,
    PROTECTION,
    THROUGHPUT,
    { parameter: 'Tags', hasEffect: isNotEmpty, remedy: 'use TagResource when the table is there' },
    { parameter: 'ResourcePolicy', hasEffect: isGiven, remedy: 'it knows no identities; leave it out' },
  ],
  UpdateTable: [
    STREAM,
    PROTECTION,
    THROUGHPUT,
    { parameter: 'ReplicaUpdates', hasEffect: isNotEmpty, remedy: 'it is one region; leave it out' },
  ],
  PutItem: [CONDITION],
  UpdateItem: [CONDITION],
  DeleteItem: [CONDITION],
};

export function refuseParameters(action: string, body: Buffer): DynamoDbReply | undefined {
  const refusals = Object.hasOwn(REFUSALS, action) ? REFUSALS[action] : undefined;
  // Most requests have none of them, and need not be read twice.
  const named = refusals?.filter(({ parameter }) => body.includes(`"${parameter}"`)) ?? [];
  const input = named.length === 0 ? undefined : parseObject(body);
  const refused = named.find(({ parameter, hasEffect }) => {
    const value = input?.[parameter];
    return isGiven(value) && hasEffect(value);
  });
  if (refused === undefined) return undefined;
  const message = `One or more parameter values were invalid: ${refused.parameter} is not supported by this local cloud: ${refused.remedy}.`;
  return {
    status: 400,
    body: JSON.stringify({ __type: 'com.amazon.coral.validate#ValidationException', message }),
  };
}

/** What cannot be read is dynalite's to refuse. */
function parseObject(body: Buffer): Input | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString());
    return typeof parsed === 'object' && parsed !== null ? (parsed as Input) : undefined;
  } catch {
    return undefined;
  }
}
