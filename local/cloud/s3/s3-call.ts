import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ObjectStore } from './object-store.ts';
import { S3Error } from './s3-error.ts';

export interface S3Address {
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
}

export interface S3Call extends S3Address {
  readonly objects: ObjectStore;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly nowMs: () => number;
}

/** Of every document that is no error. */
export const XML_NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

export type S3Operation = (call: S3Call) => Promise<void>;

/** S3's limit, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1_024;

/** Path style. The path is taken as it is written: `..` and `//` are ordinary parts of a key. */
export function parseAddress(url: string): S3Address {
  const queryStart = url.indexOf('?');
  const path = queryStart < 0 ? url : url.slice(0, queryStart);
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  const address = {
    bucket: decode(bucket),
    key: decode(key),
    query: new URLSearchParams(queryStart < 0 ? '' : url.slice(queryStart + 1)),
  };
  if (Buffer.byteLength(address.key) > MAX_KEY_BYTES) {
    throw new S3Error('KeyTooLongError', `Your key is too long: at most ${MAX_KEY_BYTES} bytes.`);
  }
  return address;
}

export function sendXml(response: ServerResponse, status: number, xml: string): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`;
  response.writeHead(status, {
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidURI', 'The specified URI could not be parsed.');
  }
}
