import type { HeldRequest } from '../../contract/messages.ts';
import type { Capability } from '../../contract/targets.ts';

type Body = Pick<HeldRequest, 'converse' | 'invoke_model'>;

const OF_BLOCK: Readonly<Record<string, Capability>> = {
  image: 'images',
  document: 'documents',
  video: 'video',
  audio: 'audio',
  toolUse: 'tools',
  toolResult: 'tools',
  guardContent: 'guardrails',
  cachePoint: 'cache_points',
};

const OF_FIELD: Readonly<Record<string, Capability>> = {
  toolConfig: 'tools',
  guardrailConfig: 'guardrails',
  outputConfig: 'structured_output',
  additionalModelRequestFields: 'additional_fields',
};

/** What a request needs of the model that answers it. */
export const needsOf = ({ converse, invoke_model }: Body): readonly Capability[] => {
  if (invoke_model !== undefined) return ['invoke_model'];
  if (converse === undefined) return [];
  const blocks = [...(converse.system ?? []), ...converse.messages.flatMap(({ content }) => content)];
  const needs = [
    ...blocks.flatMap((block) => Object.keys(block)).flatMap((kind) => OF_BLOCK[kind] ?? []),
    ...Object.entries(converse).flatMap(([field, value]) =>
      value === undefined ? [] : (OF_FIELD[field] ?? []),
    ),
  ];
  return [...new Set(needs)];
};
