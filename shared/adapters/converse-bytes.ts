/** Members of Converse that the SDK wants as bytes; JSON carries them as base64. */
const BINARY_MEMBERS: ReadonlySet<string> = new Set(['bytes', 'redactedContent']);

const mapObject = (value: object, map: (key: string, inner: unknown) => unknown): unknown =>
  Array.isArray(value)
    ? value.map((inner, index) => map(String(index), inner))
    : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, map(key, inner)]));

/** JSON as callers send it, with base64 turned into bytes. Tool schemas and arguments are left as they are. */
export const withBytes = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  return mapObject(value, (key, inner) => {
    if (key === 'json' || key === 'input') return inner;
    return BINARY_MEMBERS.has(key) && typeof inner === 'string'
      ? Buffer.from(inner, 'base64')
      : withBytes(inner);
  });
};

/** The SDK's answer as JSON can carry it. */
export const withBase64 = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value !== 'object' || value === null) return value;
  return mapObject(value, (_, inner) => withBase64(inner));
};
