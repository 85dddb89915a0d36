/**
 * The key of an `Idempotency-Key` header: a structured-field string (`"abc"`, with `\"` and `\\`), or bare, as most
 * clients send it. An empty header is an empty key, which the check of keys refuses: taken for none, a client whose key
 * got lost would be accepted twice.
 */
export const parseIdempotencyKey = (header: string | undefined): string | undefined => {
  if (header === undefined) return undefined;
  const text = header.trim();
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(text)?.[1];
  return quoted === undefined ? text : quoted.replaceAll(/\\(["\\])/g, '$1');
};
