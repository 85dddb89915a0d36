import type { ConverseRequest } from '../contract/converse.ts';
import type { Envelope } from '../contract/envelope.ts';

type ShortForm = Pick<
  Envelope,
  'prompt' | 'messages' | 'system' | 'temperature' | 'top_p' | 'stop_sequences' | 'service_tier'
>;

const toMessages = (form: ShortForm): ConverseRequest['messages'] => {
  if (form.prompt !== undefined) return [{ role: 'user', content: [{ text: form.prompt }] }];
  return (form.messages ?? []).map(({ role, content }) => ({
    role,
    content: typeof content === 'string' ? [{ text: content }] : content,
  }));
};

const toInferenceConfig = (form: ShortForm, maxTokens: number): ConverseRequest['inferenceConfig'] => ({
  maxTokens,
  ...(form.temperature === undefined ? {} : { temperature: form.temperature }),
  ...(form.top_p === undefined ? {} : { topP: form.top_p }),
  ...(form.stop_sequences === undefined ? {} : { stopSequences: form.stop_sequences }),
});

/** The Converse request that an envelope stands for, with `max_tokens` always set. */
export const toConverse = (envelope: Envelope, maxTokens: number): ConverseRequest => {
  if (envelope.converse !== undefined)
    return { ...envelope.converse, inferenceConfig: { ...envelope.converse.inferenceConfig, maxTokens } };
  return {
    messages: toMessages(envelope),
    ...(envelope.system === undefined ? {} : { system: [{ text: envelope.system }] }),
    inferenceConfig: toInferenceConfig(envelope, maxTokens),
    ...(envelope.service_tier === undefined ? {} : { serviceTier: { type: envelope.service_tier } }),
  };
};
