import { isObject } from '../../shared/core/answers/json-members.ts';
import type { RawRecord } from './input-item.ts';

/** A line that is not blank. */
export interface TextLine {
  readonly line: number;
  readonly text: string;
}

export const splitLines = (text: string): readonly TextLine[] =>
  text
    .split('\n')
    .map((content, index) => ({ line: index + 1, text: content.replace(/\r$/, '') }))
    .filter((entry) => entry.text.trim() !== '');

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** `[…]` or `{"requests": […]}`, as bodies of batch APIs are. A single line may be one request as well. */
const listOf = (document: unknown): readonly unknown[] | undefined => {
  if (Array.isArray(document)) return document;
  return isObject(document) && Array.isArray(document.requests) ? document.requests : undefined;
};

/** The entries of a document that is JSON as a whole; nothing for JSON Lines and for text. */
export const readDocument = (text: string): readonly RawRecord[] | undefined => {
  if (!/^\s*[[{]/.test(text)) return undefined;
  return listOf(parse(text))?.map((value, index) => ({ line: index + 1, value }));
};

/** What stands for a line that is not JSON. */
export const UNREADABLE = Symbol('unreadable');

export const readJsonLines = (lines: readonly TextLine[]): readonly RawRecord[] =>
  lines.map(({ line, text }) => ({ line, value: parse(text) ?? UNREADABLE }));
