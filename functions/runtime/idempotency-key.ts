/**
 * The key of an `Idempotency-Key` header: a structured-field string (`"abc"`, with `\"` and `\\`), or bare, as most
 * clients send it.
 */
export const parseIdempotencyKey = (header: string | undefined): string | undefined => {
  if (header === undefined || header.trim() === '') return undefined;
  const text = header.trim();
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(text)?.[1];
  const key = quoted === undefined ? text : quoted.replaceAll(/\\(["\\])/g, '$1');
  return key === '' ? undefined : key;
};
