import { BATCH_ID_PATTERN, REQUEST_ID_PATTERN } from '../contract/keys.ts';

interface Position {
  readonly requestId: string;
  readonly atMs: number;
}

/** Which list, and where in it. It names no tenant: whose list it is, the credential says. */
export const toCursor = (list: string, { requestId, atMs }: Position): string =>
  Buffer.from(`1.${list}.${atMs}.${requestId}`).toString('base64url');

const isId = (text: string): boolean => REQUEST_ID_PATTERN.test(text) || BATCH_ID_PATTERN.test(text);

/** Nothing when it is no cursor of this list. */
export const parseCursor = (list: string, text: string): Position | undefined => {
  const decoded = Buffer.from(text, 'base64url').toString('latin1');
  const [version, name, at = '', requestId = '', ...rest] = decoded.split('.');
  if (version !== '1' || name !== list || rest.length > 0) return undefined;
  if (!/^\d{1,16}$/.test(at) || !isId(requestId)) return undefined;
  return { requestId, atMs: Number(at) };
};
