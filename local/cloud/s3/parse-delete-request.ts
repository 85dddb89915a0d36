import { notImplemented, S3Error } from './s3-error.ts';

export interface DeleteRequest {
  readonly keys: readonly string[];
  readonly quiet: boolean;
}

const MAX_DELETED = 1_000;
const NAMED_ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The one XML document that is read here: flat, and written by SDKs. */
export function parseDeleteRequest(xml: string): DeleteRequest {
  const objects = [...xml.matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, inner = '']) => inner);
  if (objects.length === 0 || objects.length > MAX_DELETED) {
    throw new S3Error('MalformedXML', `A Delete must name 1 to ${MAX_DELETED} objects.`);
  }
  return { keys: objects.map(parseKey), quiet: /<Quiet>\s*true\s*<\/Quiet>/i.test(xml) };
}

function parseKey(inner: string): string {
  const key = /<Key>(.*?)<\/Key>/s.exec(inner)?.[1];
  if (key === undefined) throw new S3Error('MalformedXML', 'An Object to delete has no Key.');
  const other = /<(?!\/|Key>)([A-Za-z]+)/.exec(inner)?.[1];
  if (other !== undefined) throw notImplemented(`DeleteObjects with ${other}`);
  return key.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, decodeReference);
}

function decodeReference(whole: string, hex?: string, decimal?: string, name?: string): string {
  if (name !== undefined) return NAMED_ENTITIES[name] ?? whole;
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  if (code <= 0x10ffff) return String.fromCodePoint(code);
  throw new S3Error('MalformedXML', `${whole} is no character.`);
}
