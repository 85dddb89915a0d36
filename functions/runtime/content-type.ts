import { problemResponse } from './problem-response.ts';

const CHARSETS = /;\s*charset\s*=\s*"?([^";]*)"?/gi;

/** The answer to a body whose type, or whose characters, are not taken; nothing where they are. */
export const refuseContentType = (
  contentType: string | undefined,
  isTaken: (contentType: string) => boolean,
  taken: string,
): Response | undefined => {
  const sent = contentType ?? '';
  if (!isTaken(sent))
    return problemResponse('unsupported_media_type', {
      detail: `Content-Type is ${sent === '' ? 'missing' : sent}; send ${taken}.`,
    });
  const charsets = [...sent.matchAll(CHARSETS)].map(([, charset = '']) => charset.trim());
  if (charsets.every((charset) => /^utf-?8$/i.test(charset))) return undefined;
  return problemResponse('unsupported_media_type', {
    detail: `Content-Type is ${sent}; only UTF-8 is taken. Send ${taken}, without a charset or with charset=utf-8.`,
  });
};
