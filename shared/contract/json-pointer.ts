/** A JSON Pointer (RFC 6901) to the value at `path`; the whole document is the empty string. */
export const toJsonPointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
