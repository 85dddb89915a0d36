import { limit } from '../../shared/contract/limits.ts';
import { readBoundedBytes } from './bounded-bytes.ts';
import { refuseEncoding } from './content-encoding.ts';
import { refuseContentType } from './content-type.ts';
import { describeJsonFault } from './json-fault.ts';
import { problemResponse } from './problem-response.ts';

export type JsonBody =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly response: Response };

/** The way for what is larger. */
const BY_UPLOAD =
  'Larger work comes by upload: `POST /v1/batches` with `{"upload": true}` answers with a presigned URL for it.';

const isJson = (contentType: string): boolean =>
  /^application\/(json|[\w.-]+\+json)\s*(;|$)/i.test(contentType);

export const parseJsonBytes = (
  bytes: ArrayBuffer | Uint8Array,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly detail: string } => {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { ok: false, detail: 'The body is not valid UTF-8.' };
  }
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, detail: `The body is not JSON: ${describeJsonFault(error as SyntaxError, text)}.` };
  }
};

/** The JSON of a request's body, or the answer to what is none. */
export const readJsonBody = async (request: Request): Promise<JsonBody> => {
  const contentType = request.headers.get('content-type') ?? undefined;
  const refused = refuseContentType(contentType, isJson, 'application/json');
  return refused === undefined ? readUntypedJson(request) : { ok: false, response: refused };
};

/** The same, whatever the body is said to be: some clients call all bodies a stream of bytes. */
export const readUntypedJson = async (request: Request): Promise<JsonBody> => {
  const refused = refuseEncoding(request);
  if (refused !== undefined) return { ok: false, response: refused };
  const most = limit('http_body_bytes');
  const read = await readBoundedBytes(request, most);
  if (read.kind === 'too_large')
    return {
      ok: false,
      response: problemResponse('request_too_large', {
        detail: `The body has ${read.atLeastBytes} bytes; at most ${most} are allowed. ${BY_UPLOAD}`,
      }),
    };
  const { bytes } = read;
  if (bytes.byteLength === 0)
    return {
      ok: false,
      response: problemResponse('malformed_json', { detail: 'The body is empty; send one JSON object.' }),
    };
  const parsed = parseJsonBytes(bytes);
  return parsed.ok
    ? parsed
    : { ok: false, response: problemResponse('malformed_json', { detail: parsed.detail }) };
};
