import { notImplemented } from './s3-error.ts';
import { elementsOf, malformedXml } from './xml-elements.ts';

export interface DeleteRequest {
  readonly keys: readonly string[];
  readonly quiet: boolean;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const MAX_DELETED = 1_000;
const NAMED_ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Flat, and written by SDKs. */
export function parseDeleteRequest(xml: string): DeleteRequest {
  const objects = elementsOf(xml, 'Object', MAX_DELETED);
  if (objects.length === 0) throw malformedXml(`A Delete must name 1 to ${MAX_DELETED} objects.`);
  return { keys: objects.map(parseKey), quiet: /<Quiet>\s*true\s*<\/Quiet>/i.test(xml) };
}

function parseKey(inner: string): string {
  const [key, ...more] = elementsOf(inner, 'Key', 2);
  if (key === undefined || key === '' || more.length > 0) throw malformedXml('An Object must have one Key.');
  const other = /<(?!\/|Key>)([A-Za-z]+)/.exec(inner)?.[1];
  if (other !== undefined) throw notImplemented(`DeleteObjects with ${other}`);
  return key.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, decodeReference);
}

function decodeReference(whole: string, hex?: string, decimal?: string, name?: string): string {
  if (name !== undefined) return NAMED_ENTITIES[name] ?? whole;
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  if (code <= 0x10ffff) return String.fromCodePoint(code);
  throw malformedXml(`${whole} is no character.`);
}
