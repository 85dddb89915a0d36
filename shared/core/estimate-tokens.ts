import type { ConverseRequest } from '../contract/converse.ts';

/** UTF-8 bytes of text per input token, about right for English; the governor learns the rest. */
const BYTES_PER_TOKEN = 4;
/** What a model adds around each message. */
const TOKENS_PER_MESSAGE = 4;

/** Input tokens of a request before the model has counted them. */
export const estimateInputTokens = (request: ConverseRequest): number => {
  const counted = [
    request.messages.map(({ content }) => content),
    request.system ?? [],
    request.toolConfig ?? [],
  ];
  const bytes = Buffer.byteLength(JSON.stringify(counted), 'utf8');
  return Math.ceil(bytes / BYTES_PER_TOKEN) + TOKENS_PER_MESSAGE * request.messages.length;
};
