import { escapeXml } from '../escape-xml.ts';
import type { QueryForm } from './query-form.ts';
import { invalidParameter } from './sns-error.ts';

const PAGE = 100;

export function describeMap(name: string, map: Readonly<Record<string, string>>): string {
  const entries = Object.entries(map).map(
    ([key, value]) => `<entry><key>${escapeXml(key)}</key><value>${escapeXml(value)}</value></entry>`,
  );
  return `<${name}>${entries.join('')}</${name}>`;
}

/** The token is the position at which the next page starts. */
export function pageOf(name: string, members: readonly string[], form: QueryForm): string {
  const token = form.get('NextToken') ?? '0';
  if (!/^\d{1,9}$/.test(token)) throw invalidParameter('NextToken', 'it is not one that was given here');
  const end = Number(token) + PAGE;
  const page = members.slice(Number(token), end).join('');
  return `<${name}>${page}</${name}>${end < members.length ? `<NextToken>${end}</NextToken>` : ''}`;
}
