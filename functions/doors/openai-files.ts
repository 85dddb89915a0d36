import type { Context, Hono } from 'hono';
import { BATCH_ID_PATTERN } from '../../shared/contract/keys.ts';
import { limit } from '../../shared/contract/limits.ts';
import type { TerminalStatus } from '../../shared/contract/statuses.ts';
import type { Json } from '../../shared/core/answers/json-members.ts';
import { fromDialectBatchId } from '../../shared/core/dialects/batch-ids.ts';
import { fault } from '../../shared/core/dialects/converted.ts';
import { ERROR_FILE_PREFIX, OUTPUT_FILE_PREFIX } from '../../shared/core/dialects/openai/batch.ts';
import { toOpenAiBatchLine } from '../../shared/core/dialects/openai/result-to-completion.ts';
import { type BatchInQuestion, findBatch } from '../../shared/flows/batches/find-batch.ts';
import type { Files, KeptFile } from '../../shared/flows/files/keep-files.ts';
import { missingBatch } from '../runtime/batch-response.ts';
import { readBoundedBytes } from '../runtime/bounded-bytes.ts';
import { tenantOfCaller } from '../runtime/caller.ts';
import type { DoorDeps } from '../runtime/compose-doors.ts';
import { refuseContentType } from '../runtime/content-type.ts';
import { problemResponse } from '../runtime/problem-response.ts';
import { jsonResponse } from '../runtime/request-response.ts';
import { streamResults } from './results-stream.ts';
import { toFaulty } from './to-faulty.ts';

const LINES = 'application/jsonl';

const isForm = (contentType: string): boolean => /^multipart\/form-data\s*;/i.test(contentType);

const toFileObject = ({ id, name, sizeBytes, createdAtMs, expiresAtMs }: KeptFile): Json => ({
  id,
  object: 'file',
  bytes: sizeBytes,
  created_at: Math.floor(createdAtMs / 1000),
  expires_at: Math.floor(expiresAtMs / 1000),
  filename: name,
  purpose: 'batch',
  status: 'processed',
});

/** Results of a batch that are read as a file. */
interface ResultsFile {
  readonly named: BatchInQuestion;
  readonly filename: string;
  readonly statuses: readonly TerminalStatus[];
}

const resultsFileOf = (id: string, tenant: string): ResultsFile | undefined => {
  const file = (prefix: string, kind: string, statuses: readonly TerminalStatus[]) => {
    const batchId = fromDialectBatchId(prefix, id);
    return id.startsWith(prefix) && BATCH_ID_PATTERN.test(batchId)
      ? { named: { batchId, tenant }, filename: `${id.slice(prefix.length)}_${kind}.jsonl`, statuses }
      : undefined;
  };
  return (
    file(OUTPUT_FILE_PREFIX, 'output', ['succeeded']) ??
    file(ERROR_FILE_PREFIX, 'error', ['failed', 'canceled', 'expired'])
  );
};

const streamFile = ({ named, statuses }: ResultsFile, deps: DoorDeps): Promise<Response> =>
  streamResults(
    named,
    { statuses, contentType: LINES, toLine: (result) => toOpenAiBatchLine(result, result.custom_id ?? '') },
    deps,
  );

const noFile = (id: string): Response =>
  problemResponse('not_found', { detail: `There is no file \`${id.slice(0, 100)}\`.` });

/** Nobody knows how long results are in these words before they are written: they are, once, to be counted. */
const describeResults = async (id: string, file: ResultsFile, deps: DoorDeps): Promise<Response> => {
  const found = await findBatch(file.named, deps);
  if (found.kind !== 'found') return missingBatch(found, id);
  const content = await streamFile(file, deps);
  const { batch } = found;
  return jsonResponse(
    {
      id,
      object: 'file',
      bytes: (await content.arrayBuffer()).byteLength,
      created_at: Math.floor((batch.endedAtMs ?? batch.createdAtMs) / 1000),
      filename: file.filename,
      purpose: 'batch_output',
      status: 'processed',
    },
    { status: 200 },
  );
};

const receive = async (context: Context, files: Files): Promise<Response> => {
  const request = context.req.raw;
  const contentType = request.headers.get('content-type') ?? '';
  const refused = refuseContentType(contentType, isForm, 'multipart/form-data');
  if (refused !== undefined) return refused;
  const read = await readBoundedBytes(request, limit('http_body_bytes'));
  if (read.kind === 'too_large')
    return problemResponse('request_too_large', {
      detail: `The form has ${read.atLeastBytes} bytes; at most ${limit('http_body_bytes')} are allowed. Larger batches come by upload: POST /v1/batches with {"upload": true}.`,
    });
  const form = await new Response(Buffer.from(read.bytes), { headers: { 'content-type': contentType } })
    .formData()
    .catch(() => undefined);
  const [file, purpose] = [form?.get('file'), form?.get('purpose')];
  const faults = [
    ...(file instanceof Blob ? [] : [fault('/file', 'must be a file')]),
    ...(purpose === 'batch'
      ? []
      : [fault('/purpose', 'must be `batch`: no other use is made of files here')]),
  ];
  if (faults.length > 0 || !(file instanceof Blob)) return toFaulty(faults);
  const content = new Uint8Array(await file.arrayBuffer());
  const kept = await files.keep(tenantOfCaller(context), file.name, content);
  return jsonResponse(toFileObject(kept), { status: 200 });
};

/** Files for batches, and the results of batches as files. */
export const addOpenAiFiles = (app: Hono, deps: DoorDeps, files: Files): void => {
  const idOf = (context: Context): string => context.req.param('id') ?? '';
  const questionOf = (context: Context) => ({ fileId: idOf(context), tenant: tenantOfCaller(context) });

  app.post('/openai/v1/files', (context) => receive(context, files));
  app.get('/openai/v1/files/:id', async (context) => {
    const results = resultsFileOf(idOf(context), tenantOfCaller(context));
    if (results !== undefined) return describeResults(idOf(context), results, deps);
    const found = await files.find(questionOf(context));
    return found === undefined ? noFile(idOf(context)) : jsonResponse(toFileObject(found), { status: 200 });
  });
  app.get('/openai/v1/files/:id/content', async (context) => {
    const results = resultsFileOf(idOf(context), tenantOfCaller(context));
    if (results !== undefined) return streamFile(results, deps);
    const content = await files.read(questionOf(context));
    return content === undefined
      ? noFile(idOf(context))
      : new Response(Buffer.from(content), { headers: { 'content-type': LINES } });
  });
  app.delete('/openai/v1/files/:id', async (context) =>
    (await files.remove(questionOf(context)))
      ? jsonResponse({ id: idOf(context), object: 'file', deleted: true }, { status: 200 })
      : noFile(idOf(context)),
  );
};
