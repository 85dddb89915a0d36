import { createHash } from 'node:crypto';
import { escapeXml } from '../escape-xml.ts';
import { parseSourceRange } from './byte-range.ts';
import { openSource, parseSource, readThrough, SOURCE, SOURCE_HEADERS, SOURCE_RANGE } from './copy-object.ts';
import { multipartEtag } from './multipart-uploads.ts';
import { keptHeaders, refuseHeaders } from './object-headers.ts';
import { checkWrite } from './preconditions.ts';
import { ReceivedBody, readText } from './received-body.ts';
import { type S3Operation, sendXml, XML_NAMESPACE } from './s3-call.ts';
import { S3Error } from './s3-error.ts';
import type { NamedPart } from './upload-records.ts';
import { elementsOf, malformedXml } from './xml-elements.ts';

const MAX_PARTS = 10_000;
/** A list of 10,000 parts with a checksum each has about half of this. */
const MAX_LIST_BYTES = 4 * 1024 * 1024;

export const createMultipartUpload: S3Operation = async ({ objects, request, response, bucket, key }) => {
  refuseHeaders(request.headers, 'CreateMultipartUpload');
  await objects.requireBucket(bucket);
  const id = await objects.uploads.create({ bucket, key, headers: keptHeaders(request.headers) });
  sendXml(
    response,
    200,
    `<InitiateMultipartUploadResult ${XML_NAMESPACE}><Bucket>${bucket}</Bucket><Key>${escapeXml(key)}</Key>` +
      `<UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
  );
};

export const uploadPart: S3Operation = async (call) => {
  const { objects, request, response, bucket, key, query, nowMs } = call;
  if (request.headers[SOURCE] !== undefined) return uploadPartCopy(call);
  refuseHeaders(request.headers, 'UploadPart');
  const upload = await objects.uploads.require(bucket, key, query.get('uploadId') ?? '');
  const number = parsePartNumber(query.get('partNumber') ?? '');
  const received = new ReceivedBody(request);
  let headers = {};
  await objects.uploads.putPart(upload, received.stream(), () => {
    const { sizeBytes, etag, checksum } = received.facts();
    headers = { etag, ...checksum };
    return { number, sizeBytes, etag, modifiedAtMs: nowMs() };
  });
  response.writeHead(200, { ...headers, 'content-length': 0 }).end();
};

/** A part that is read from an object. */
const uploadPartCopy: S3Operation = async ({ objects, request, response, bucket, key, query, nowMs }) => {
  refuseHeaders(request.headers, 'UploadPartCopy', ...SOURCE_HEADERS, SOURCE_RANGE);
  const upload = await objects.uploads.require(bucket, key, query.get('uploadId') ?? '');
  const number = parsePartNumber(query.get('partNumber') ?? '');
  const { record, file } = await openSource(objects, parseSource(request.headers), request.headers);
  const modifiedAtMs = nowMs();
  const md5 = createHash('md5');
  let etag = '';
  try {
    const range = parseSourceRange(request.headers[SOURCE_RANGE]?.toString(), record.sizeBytes);
    const { first, last } = range ?? { first: 0, last: record.sizeBytes - 1 };
    const sizeBytes = last - first + 1;
    await objects.uploads.putPart(upload, readThrough(file, { first, sizeBytes }, md5), () => {
      etag = `"${md5.digest('hex')}"`;
      return { number, sizeBytes, etag, modifiedAtMs };
    });
  } finally {
    await file.close();
  }
  sendXml(
    response,
    200,
    `<CopyPartResult ${XML_NAMESPACE}><LastModified>${new Date(modifiedAtMs).toISOString()}</LastModified>` +
      `<ETag>${escapeXml(etag)}</ETag></CopyPartResult>`,
  );
};

export const completeMultipartUpload: S3Operation = async (call) => {
  const { objects, request, response, bucket, key, query } = call;
  refuseHeaders(request.headers, 'CompleteMultipartUpload');
  const address = { bucket, key, id: query.get('uploadId') ?? '' };
  const tooLong = () => malformedXml(`A list of parts has at most ${MAX_LIST_BYTES} bytes.`);
  const named = parseParts(await readText(request, MAX_LIST_BYTES, tooLong));
  const etag = await objects.uploads.complete(address, named, ({ upload, parts, together }) =>
    objects.put({
      ...{ bucket, key, together },
      body: objects.uploads.read(parts),
      describe: () => ({
        sizeBytes: parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
        etag: multipartEtag(parts),
        headers: upload.headers,
      }),
      precondition: (current) => checkWrite(request.headers, current),
    }),
  );
  sendXml(
    response,
    200,
    `<CompleteMultipartUploadResult ${XML_NAMESPACE}><Location>/${bucket}/${escapeXml(encodeURI(key))}</Location>` +
      `<Bucket>${bucket}</Bucket><Key>${escapeXml(key)}</Key><ETag>${escapeXml(etag)}</ETag>` +
      '</CompleteMultipartUploadResult>',
  );
};

export const abortMultipartUpload: S3Operation = async ({ objects, response, bucket, key, query }) => {
  await objects.uploads.abort(await objects.uploads.require(bucket, key, query.get('uploadId') ?? ''));
  response.writeHead(204).end();
};

function parsePartNumber(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= MAX_PARTS) return number;
  throw new S3Error(
    'InvalidArgument',
    `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive.`,
  );
}

/** Checksums in the list are those of the parts, which have been verified already. */
function parseParts(xml: string): NamedPart[] {
  const parts = elementsOf(xml, 'Part', MAX_PARTS).map((inner) => {
    const etag = /<ETag>(?:"|&quot;|&#34;)?([0-9a-f]+)(?:"|&quot;|&#34;)?<\/ETag>/.exec(inner)?.[1];
    const number = /<PartNumber>(\d{1,5})<\/PartNumber>/.exec(inner)?.[1];
    if (etag === undefined || number === undefined)
      throw malformedXml('A Part needs a PartNumber and an ETag.');
    return { number: Number(number), etag: `"${etag}"` };
  });
  if (parts.length === 0) throw malformedXml('There is no Part.');
  return parts;
}
