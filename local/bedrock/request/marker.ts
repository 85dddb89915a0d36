import { type ConverseRequest, isObject } from './converse-request.ts';

const markerCharacters = 60;

/** First characters of the last user text; all that is ever kept of a prompt. */
export function markerOf(request: ConverseRequest): string {
  return startOf(lastUserText(request));
}

/** How the client names its call, or else the marker of its prompt. */
export function nameOf(request: ConverseRequest): string {
  const { requestMetadata } = request;
  const given = isObject(requestMetadata) ? requestMetadata.marker : undefined;
  return typeof given === 'string' ? startOf(given) : markerOf(request);
}

function startOf(text: string): string {
  // Twice as many code units as characters are enough, and a long prompt is not taken apart.
  const start = text.slice(0, 2 * markerCharacters);
  // Joined anew: a slice would keep the whole prompt in memory.
  return Array.from(start).slice(0, markerCharacters).join('');
}

export function lastUserText({ messages }: ConverseRequest): string {
  const last = messages.filter(({ role }) => role === 'user').at(-1);
  const texts = (last?.content ?? []).map(({ text }) => text).filter((text) => typeof text === 'string');
  return texts.join('\n');
}
