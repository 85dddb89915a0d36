/** U+FFFE and U+FFFF are the only characters that JSON leaves as they are and SQS refuses. */
const REFUSED = /[\ufffe\uffff]/g;

/** JSON that SQS takes whatever text is in it: what it would refuse is escaped. */
export const toQueueJson = (value: unknown): string =>
  JSON.stringify(value).replace(REFUSED, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
