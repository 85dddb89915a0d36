import { limit } from '../../shared/contract/limits.ts';
import { refuseEncoding } from './content-encoding.ts';
import { refuseContentType } from './content-type.ts';
import { problemResponse } from './problem-response.ts';

export type JsonBody =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly response: Response };

/** The way for what is larger. */
const BY_UPLOAD =
  'Larger work comes by upload: `POST /v1/batches` with `{"upload": true}` answers with a presigned URL for it.';

const isJson = (contentType: string): boolean =>
  /^application\/(json|[\w.-]+\+json)\s*(;|$)/i.test(contentType);

/** The JSON of a request's body, or the answer to what is none. */
export const readJsonBody = async (request: Request): Promise<JsonBody> => {
  const contentType = request.headers.get('content-type') ?? undefined;
  const refused = refuseContentType(contentType, isJson, 'application/json') ?? refuseEncoding(request);
  if (refused !== undefined) return { ok: false, response: refused };
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > limit('http_body_bytes'))
    return {
      ok: false,
      response: problemResponse('request_too_large', {
        detail: `The body has ${bytes.byteLength} bytes; at most ${limit('http_body_bytes')} are allowed. ${BY_UPLOAD}`,
      }),
    };
  if (bytes.byteLength === 0)
    return {
      ok: false,
      response: problemResponse('malformed_json', { detail: 'The body is empty; send one JSON object.' }),
    };
  try {
    return { ok: true, value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch (error) {
    const detail =
      error instanceof SyntaxError
        ? `The body is not JSON: ${error.message}.`
        : 'The body is not valid UTF-8.';
    return { ok: false, response: problemResponse('malformed_json', { detail }) };
  }
};
