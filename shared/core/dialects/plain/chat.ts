import type { Result } from '../../../contract/request.ts';
import { isObject, type Json } from '../../answers/json-members.ts';

const isSystem = (message: unknown): message is Json =>
  isObject(message) && message.role === 'system' && typeof message.content === 'string';

/** The body of a simple service as our short form: what its messages say as `system` is said before them. */
export const chatToEnvelope = (body: unknown): unknown => {
  if (!isObject(body) || !Array.isArray(body.messages) || 'system' in body) return body;
  const { messages } = body;
  const system = messages.filter(isSystem).map(({ content }) => String(content));
  if (system.length === 0) return body;
  return {
    ...body,
    system: system.join('\n\n'),
    messages: messages.filter((message) => !isSystem(message)),
  };
};

/** An answer as simple services have it. */
export const toChatAnswer = (result: Result): Json => ({
  id: result.request_id,
  request_id: result.request_id,
  model: result.model,
  content: result.content,
  usage: result.usage,
  latency_ms: result.latency_ms,
});
