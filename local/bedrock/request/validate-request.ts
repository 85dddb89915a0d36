import { type ServiceError, serviceError } from '../faults/errors.ts';
import { blockMembers, contentKinds } from './content-kinds.ts';
import type { Block, ConverseRequest, InferenceConfig, Message } from './converse-request.ts';

const roles = ['user', 'assistant'];

const conversationStart =
  'A conversation must start with a user message. Try again with a conversation that starts with a user message.';

const conversationTurns =
  'A conversation must alternate between user and assistant roles. Make sure the conversation alternates between ' +
  'user and assistant roles and try again.';

/** The first thing the service would complain about. */
export function findRequestFault(
  { messages, inferenceConfig }: ConverseRequest,
  maxOutputTokens: number,
): ServiceError | undefined {
  const message = configFault(inferenceConfig, maxOutputTokens) ?? conversationFault(messages);
  return message === undefined ? undefined : serviceError('ValidationException', message);
}

function configFault(config: InferenceConfig, maxOutputTokens: number): string | undefined {
  const { maxTokens } = config;
  if (maxTokens !== undefined && maxTokens < 1) {
    return constraint(
      'inferenceConfig.maxTokens',
      maxTokens,
      'Member must have value greater than or equal to 1',
    );
  }
  if (maxTokens !== undefined && maxTokens > maxOutputTokens) {
    return (
      `The maximum tokens you requested exceeds the model limit of ${maxOutputTokens}. Try again with a maximum ` +
      `tokens value that is lower than ${maxOutputTokens}.`
    );
  }
  return (
    shareFault('temperature', config.temperature) ??
    shareFault('topP', config.topP) ??
    stopFault(config.stopSequences ?? [])
  );
}

const maxStopSequences = 2_500;

function stopFault(sequences: readonly string[]): string | undefined {
  const path = 'inferenceConfig.stopSequences';
  if (sequences.length > maxStopSequences)
    return constraint(path, '[...]', `Member must have length less than or equal to ${maxStopSequences}`);
  const empty = sequences.indexOf('');
  const rule = 'Member must have length greater than or equal to 1';
  return empty < 0 ? undefined : constraint(`${path}.${empty + 1}.member`, '', rule);
}

function shareFault(name: string, value: number | undefined): string | undefined {
  if (value === undefined || (value >= 0 && value <= 1)) return undefined;
  const bound = value < 0 ? 'greater than or equal to 0' : 'less than or equal to 1';
  return constraint(`inferenceConfig.${name}`, value, `Member must have value ${bound}`);
}

function conversationFault(messages: readonly Message[]): string | undefined {
  const strange = messages.findIndex(({ role }) => !roles.includes(role));
  if (strange >= 0) {
    const rule = `Member must satisfy enum value set: [${roles.join(', ')}]`;
    return constraint(`messages.${strange + 1}.member.role`, messages[strange]?.role, rule);
  }
  if (messages[0]?.role !== 'user') return conversationStart;
  if (messages.some(({ role }, index) => role === messages[index - 1]?.role)) return conversationTurns;
  return firstOf(messages, messageFault);
}

function messageFault({ content }: Message, index: number): string | undefined {
  if (content.length > 0)
    return firstOf(content, (block, at) => blockFault(block, `messages.${index}.content.${at}`));
  return (
    `The content field in the Message object at messages.${index} is empty. Add a ContentBlock object to the ` +
    'content field and try again.'
  );
}

function blockFault(block: Block, path: string): string | undefined {
  if (blockMembers(block).length !== 1) {
    return `The ContentBlock object at ${path} must set one of the following keys: ${contentKinds.join(', ')}.`;
  }
  if (typeof block.text !== 'string' || block.text.trim() !== '') return undefined;
  return `The text field in the ContentBlock object at ${path} is blank. Add text to the text field, and try again.`;
}

function constraint(path: string, value: unknown, rule: string): string {
  return `1 validation error detected: Value '${value}' at '${path}' failed to satisfy constraint: ${rule}`;
}

function firstOf<Item>(
  items: readonly Item[],
  faultOf: (item: Item, index: number) => string | undefined,
): string | undefined {
  for (const [index, item] of items.entries()) {
    const fault = faultOf(item, index);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
