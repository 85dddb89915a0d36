import {
  type BedrockRuntimeClient,
  BedrockRuntimeServiceException,
  ConverseCommand,
  type ConverseCommandInput,
  type ConverseCommandOutput,
} from '@aws-sdk/client-bedrock-runtime';
import type { ModelFault } from '../core/classify-fault.ts';
import type { Answer } from '../core/to-result.ts';
import type { Model } from '../ports/model.ts';
import { withBase64, withBytes } from './converse-bytes.ts';

const textOf = (output: ConverseCommandOutput['output']): string | null => {
  const texts = (output?.message?.content ?? []).flatMap(({ text }) => (text === undefined ? [] : [text]));
  return texts.length === 0 ? null : texts.join('');
};

const toAnswer = ({ output, stopReason, usage }: ConverseCommandOutput): Answer => ({
  content: textOf(output),
  output: withBase64(output ?? null),
  stopReason: stopReason ?? 'unknown',
  usage: {
    input_tokens: usage?.inputTokens ?? 0,
    output_tokens: usage?.outputTokens ?? 0,
    cache_read_tokens: usage?.cacheReadInputTokens ?? 0,
    cache_write_tokens: usage?.cacheWriteInputTokens ?? 0,
  },
});

const toFault = (error: unknown): ModelFault => {
  if (error instanceof BedrockRuntimeServiceException)
    return { name: error.name, status: error.$metadata.httpStatusCode, message: error.message };
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return { name, status: undefined, message };
};

/**
 * The client must be made with `maxAttempts: 1`: every retry belongs to the pipeline, which knows the quota.
 * The converse body was validated at the door, whose schema follows the service's.
 */
export const createBedrockModel = (client: BedrockRuntimeClient): Model => ({
  converse: async (modelId, request, timeoutMs) => {
    try {
      const output = await client.send(
        new ConverseCommand({ ...(withBytes(request) as ConverseCommandInput), modelId }),
        {
          abortSignal: AbortSignal.timeout(Math.max(1, timeoutMs)),
        },
      );
      return { kind: 'answered', answer: toAnswer(output) };
    } catch (error) {
      return { kind: 'fault', fault: toFault(error) };
    }
  },
});
