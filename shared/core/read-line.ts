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
