import { S3Error } from './s3-error.ts';

/**
 * The contents of all `<name>…</name>` in a flat document, as SDKs write them. In one pass: a document of nothing
 * but beginnings must not be searched for an end from each of them.
 */
export function elementsOf(xml: string, name: string, max: number): string[] {
  const begin = `<${name}>`;
  const end = `</${name}>`;
  const contents: string[] = [];
  for (let at = xml.indexOf(begin); at >= 0; at = xml.indexOf(begin, at)) {
    const start = at + begin.length;
    const stop = xml.indexOf(end, start);
    if (stop < 0) throw malformedXml(`A ${name} has no end.`);
    if (contents.length === max) throw malformedXml(`There are more than ${max} of ${name}.`);
    contents.push(xml.slice(start, stop));
    at = stop + end.length;
  }
  return contents;
}

export function malformedXml(reason = 'It is too long.'): S3Error {
  return new S3Error(
    'MalformedXML',
    `The XML you provided was not well-formed or did not validate against our published schema. ${reason}`,
  );
}
