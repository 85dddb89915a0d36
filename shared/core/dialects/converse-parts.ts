import { isObject, type Json } from '../answers/json-members.ts';
import { fault, type PlaceFault } from './converted.ts';

/** What parts of a conversation become, or what is wrong with them. */
export interface Parts {
  readonly blocks: readonly Json[];
  readonly faults: readonly PlaceFault[];
}

export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: readonly Json[];
}

export const NO_PARTS: Parts = { blocks: [], faults: [] };

export const textBlock = (text: string): Json => ({ text });

export const joinParts = (parts: readonly Parts[]): Parts => ({
  blocks: parts.flatMap(({ blocks }) => blocks),
  faults: parts.flatMap(({ faults }) => faults),
});

/** Roles must alternate, and others let them come twice: what stands together is said together. */
export const mergeTurns = (turns: readonly Turn[]): readonly Turn[] => {
  const merged: Turn[] = [];
  for (const turn of turns) {
    const last = merged.at(-1);
    if (last?.role === turn.role)
      merged[merged.length - 1] = { ...last, content: [...last.content, ...turn.content] };
    else merged.push(turn);
  }
  return merged;
};

/** Formats of images that Converse knows. */
const IMAGE = /^image\/(png|jpeg|gif|webp)$/;

export const imageBlock = (mediaType: unknown, data: unknown, pointer: string): Parts => {
  const format = typeof mediaType === 'string' ? IMAGE.exec(mediaType)?.[1] : undefined;
  if (format === undefined || typeof data !== 'string')
    return {
      blocks: [],
      faults: [fault(pointer, 'must be an image as base64: image/png, image/jpeg, image/gif or image/webp')],
    };
  return { blocks: [{ image: { format, source: { bytes: data } } }], faults: [] };
};

export const toolUseBlock = (toolUseId: unknown, name: unknown, input: unknown): Json => ({
  toolUse: { toolUseId, name, input },
});

export const toolResultBlock = (toolUseId: unknown, content: readonly Json[]): Json => ({
  toolResult: { toolUseId, content },
});

export const toolSpec = (name: unknown, description: unknown, schema: unknown): Json => ({
  toolSpec: {
    name,
    ...(description === undefined ? {} : { description }),
    inputSchema: { json: isObject(schema) ? schema : { type: 'object', properties: {} } },
  },
});

/** Only what is set: Converse takes no empty members. */
export const given = (members: Json): Json =>
  Object.fromEntries(
    Object.entries(members).filter(
      ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  );
