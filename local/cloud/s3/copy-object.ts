import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { keptHeaders, refuseHeaders } from './object-headers.ts';
import type { ObjectRecord } from './object-record.ts';
import { checkRead, checkWrite } from './preconditions.ts';
import { type Extent, readExactly } from './read-exactly.ts';
import { type S3Call, type S3Operation, sendXml, XML_NAMESPACE } from './s3-call.ts';
import { notImplemented, S3Error } from './s3-error.ts';

export const SOURCE = 'x-amz-copy-source';
export const SOURCE_RANGE = 'x-amz-copy-source-range';
const CONDITIONS = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'] as const;
export const SOURCE_HEADERS = [SOURCE, ...CONDITIONS.map((name) => `${SOURCE}-${name}`)];
const DIRECTIVES = ['COPY', 'REPLACE'];

export const copyObject: S3Operation = async (call) => {
  const { objects, request, response, bucket, key } = call;
  refuseHeaders(request.headers, 'CopyObject', ...SOURCE_HEADERS);
  const source = parseSource(request.headers);
  const isReplaced = readDirective(call) === 'REPLACE';
  if (source.bucket === bucket && source.key === key && !isReplaced) {
    throw new S3Error(
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata.",
    );
  }
  await objects.requireBucket(bucket);
  const { record, file } = await openSource(objects, source, request.headers);
  const md5 = createHash('md5');
  const describe = () => ({
    sizeBytes: record.sizeBytes,
    etag: `"${md5.digest('hex')}"`,
    headers: isReplaced ? keptHeaders(request.headers) : record.headers,
    ...(record.checksum && { checksum: record.checksum }),
  });
  const { etag, modifiedAtMs } = await objects
    .put({
      ...{ bucket, key, describe },
      body: readThrough(file, { first: 0, sizeBytes: record.sizeBytes }, md5),
      precondition: (current) => checkWrite(request.headers, current),
    })
    .finally(() => file.close());
  sendXml(
    response,
    200,
    `<CopyObjectResult ${XML_NAMESPACE}><LastModified>${new Date(modifiedAtMs).toISOString()}</LastModified>` +
      `<ETag>&quot;${etag.replaceAll('"', '')}&quot;</ETag></CopyObjectResult>`,
  );
};

export async function* readThrough(file: FileHandle, extent: Extent, md5: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of readExactly(file, extent)) {
    md5.update(chunk);
    yield chunk;
  }
}

export interface Source {
  readonly bucket: string;
  readonly key: string;
}

/** The caller closes the file. */
export async function openSource(
  objects: S3Call['objects'],
  { bucket, key }: Source,
  headers: IncomingHttpHeaders,
) {
  await objects.requireBucket(bucket);
  const found = await objects.open(bucket, key);
  if (found === undefined) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
  try {
    checkSource(headers, found.record);
  } catch (error) {
    await found.file.close();
    throw error;
  }
  return found;
}

/** A reader would be told 304 where a copier is told 412. */
function checkSource(headers: IncomingHttpHeaders, record: ObjectRecord): void {
  const conditions: IncomingHttpHeaders = {};
  for (const name of CONDITIONS) {
    const value = headers[`${SOURCE}-${name}`];
    if (value !== undefined) conditions[name] = String(value);
  }
  if (!checkRead(conditions, record)) return;
  throw new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold.');
}

/** `[/]bucket/key`, with the key percent-encoded. */
export function parseSource(headers: IncomingHttpHeaders): Source {
  const header = String(headers[SOURCE]);
  if (/\?versionId=/.test(header)) throw notImplemented('CopyObject of a version');
  const [, bucket = '', key = ''] = /^\/?([^/]+)\/(.+)$/s.exec(decode(header)) ?? [];
  if (key !== '') return { bucket, key };
  throw new S3Error(
    'InvalidArgument',
    'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidArgument', `${SOURCE} is not percent-encoded as it must be.`);
  }
}

function readDirective({ request }: S3Call): string {
  const directive = String(request.headers['x-amz-metadata-directive'] ?? 'COPY');
  if (DIRECTIVES.includes(directive)) return directive;
  throw new S3Error('InvalidArgument', `Unknown metadata directive: use ${DIRECTIVES.join(' or ')}.`);
}
