import type { ConverseRequest } from './converse-request.ts';

const markerCharacters = 60;

/** First characters of the last user text; all that is ever kept of a prompt. */
export function markerOf(request: ConverseRequest): string {
  // Twice as many code units as characters are enough, and a long prompt is not taken apart.
  const start = lastUserText(request).slice(0, 2 * markerCharacters);
  return Array.from(start).slice(0, markerCharacters).join('');
}

export function lastUserText({ messages }: ConverseRequest): string {
  const last = messages.filter(({ role }) => role === 'user').at(-1);
  const texts = (last?.content ?? []).map(({ text }) => text).filter((text) => typeof text === 'string');
  return texts.join('\n');
}
