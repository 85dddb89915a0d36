import type { SentMember } from './batch-check.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

const isBlank = (text: string): boolean => text.trim() === '';

/** One line of JSON Lines; nothing when it is blank, as between two others or at the end. */
export const readLine = (bytes: Uint8Array): SentMember['read'] | undefined => {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return { ok: false, detail: 'is not valid UTF-8' };
  }
  if (isBlank(text)) return undefined;
  try {
    return { ok: true, body: JSON.parse(text) };
  } catch {
    // The parser's own words would quote the text.
    return { ok: false, detail: 'is not valid JSON: each line must be one whole object' };
  }
};

const NEWLINE = 10;

/** The requests of a body of lines, each with its line, from 1. */
export const readLines = (bytes: Uint8Array): readonly SentMember[] => {
  const members: SentMember[] = [];
  let start = 0;
  for (let line = 1; start < bytes.byteLength; line++) {
    const found = bytes.indexOf(NEWLINE, start);
    const end = found < 0 ? bytes.byteLength : found;
    const read = readLine(bytes.subarray(start, end));
    if (read !== undefined) members.push({ index: members.length, line, read });
    start = end + 1;
  }
  return members;
};
