import { problemResponse } from './problem-response.ts';

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]+)"?/i;

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
  const charset = CHARSET.exec(sent)?.[1];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return undefined;
  return problemResponse('unsupported_media_type', {
    detail: `Content-Type is ${sent}; only UTF-8 is taken. Send ${taken}, without a charset or with charset=utf-8.`,
  });
};
