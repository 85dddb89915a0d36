import { problemResponse } from './problem-response.ts';

/** The answer to a body that is packed; nothing for one that is sent as it is. */
export const refuseEncoding = (request: Request): Response | undefined => {
  const encoding = request.headers.get('content-encoding')?.trim() ?? '';
  return encoding === '' || encoding.toLowerCase() === 'identity'
    ? undefined
    : problemResponse('unsupported_media_type', {
        detail: `Content-Encoding is ${encoding}; content encodings are not taken. Send the body as it is, without that header.`,
      });
};
