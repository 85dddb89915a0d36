import { limit } from '../../shared/contract/limits.ts';
import { LINES_PARAMETERS } from '../../shared/contract/routes.ts';
import { parseBatch, parseBatchLines, type SentBatch } from '../../shared/core/parse-batch.ts';
import { readLines } from '../../shared/core/read-line.ts';
import { refuseEncoding } from '../runtime/content-encoding.ts';
import { refuseContentType } from '../runtime/content-type.ts';
import { parseJsonBytes } from '../runtime/json-body.ts';
import { problemResponse, toFaultyQuery } from '../runtime/problem-response.ts';
import { parameterFaults, repeatedParameters } from '../runtime/query-faults.ts';

export type SentBody =
  | { readonly ok: true; readonly sent: SentBatch }
  | { readonly ok: false; readonly response: Response };

const isJson = (contentType: string): boolean =>
  /^application\/(json|[\w.-]+\+json)\s*(;|$)/i.test(contentType);

const isLines = (contentType: string): boolean =>
  /^application\/(x-ndjson|ndjson|jsonl|x-jsonlines|jsonlines)\s*(;|$)/i.test(contentType);

const refuse = (...problem: Parameters<typeof problemResponse>): SentBody => ({
  ok: false,
  response: problemResponse(...problem),
});

const readJson = (bytes: Uint8Array): SentBody => {
  const parsed = parseJsonBytes(bytes);
  return parsed.ok
    ? { ok: true, sent: parseBatch(parsed.value) }
    : refuse('malformed_json', { detail: parsed.detail });
};

/** A batch out of the body of a request: JSON, or one request a line. */
export const readBatchBody = async (request: Request): Promise<SentBody> => {
  const contentType = request.headers.get('content-type') ?? '';
  const query = new URL(request.url).searchParams;
  const refused =
    refuseContentType(
      contentType,
      (type) => isJson(type) || isLines(type),
      'application/json or application/x-ndjson',
    ) ?? refuseEncoding(request);
  if (refused !== undefined) return { ok: false, response: refused };
  const bytes = new Uint8Array(await request.arrayBuffer());
  const most = limit('http_body_bytes');
  if (bytes.byteLength > most)
    return refuse('request_too_large', {
      detail: `The body has ${bytes.byteLength} bytes; inline at most ${most} are allowed. For up to ${limit('batch_upload_bytes')} send {"upload": true}: the answer has a URL to put the requests to, one a line.`,
    });
  const repeated = isLines(contentType) ? repeatedParameters(query, LINES_PARAMETERS) : [];
  if (repeated.length > 0) return { ok: false, response: toFaultyQuery(repeated) };
  if (isLines(contentType))
    return { ok: true, sent: parseBatchLines(readLines(bytes), Object.fromEntries(query)) };
  const faults = parameterFaults(query, []);
  return faults.length === 0 ? readJson(bytes) : { ok: false, response: toFaultyQuery(faults) };
};
