import type { DynamoDbReply } from './start-dynamodb.ts';

/** Dynalite ends the process over a tag without a value, so it is given none. */
export function refuseTags(action: string, body: Buffer): DynamoDbReply | undefined {
  if (action !== 'TagResource' || areTags(body)) return undefined;
  const message = 'Each of the Tags must have a Key of 1 to 128 characters and a Value that is a text.';
  return {
    status: 400,
    body: JSON.stringify({ __type: 'com.amazon.coral.validate#ValidationException', message }),
  };
}

function areTags(body: Buffer): boolean {
  try {
    const { Tags } = JSON.parse(body.toString());
    return Array.isArray(Tags) && Tags.every(isTag);
  } catch {
    return false;
  }
}

function isTag(tag: unknown): boolean {
  const { Key, Value } = (tag ?? {}) as Record<string, unknown>;
  return typeof Key === 'string' && Key.length >= 1 && Key.length <= 128 && typeof Value === 'string';
}
