import {
  type BedrockRuntimeClient,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  type ConverseStreamCommandInput,
} from '@aws-sdk/client-bedrock-runtime';
import type { ConverseRequest } from '../contract/converse.ts';
import { createConverseAssembly } from '../core/answers/assemble-converse.ts';
import { countAt, type Json, listAt, textAt } from '../core/answers/json-members.ts';
import type { Answer } from '../core/to-result.ts';
import { BrokenStreamError } from './bedrock-faults.ts';
import { withBase64, withBytes } from './converse-bytes.ts';
import { readStream } from './read-stream.ts';

/** How one call is made: its own end, and how to bring that about. */
export interface Sending {
  readonly client: BedrockRuntimeClient;
  readonly modelId: string;
  readonly abort: AbortController;
}

interface ConverseOutput {
  readonly output: unknown;
  readonly stopReason: string | undefined;
  readonly usage: unknown;
}

const toAnswer = ({ output, stopReason, usage }: ConverseOutput): Answer => {
  const texts = listAt(output, 'message', 'content').flatMap((block) => textAt(block, 'text') ?? []);
  return {
    content: texts.length === 0 ? null : texts.join(''),
    output: withBase64(output ?? null),
    stopReason: stopReason ?? 'unknown',
    usage: {
      input_tokens: countAt(usage, 'inputTokens') ?? 0,
      output_tokens: countAt(usage, 'outputTokens') ?? 0,
      cache_read_tokens: countAt(usage, 'cacheReadInputTokens') ?? 0,
      cache_write_tokens: countAt(usage, 'cacheWriteInputTokens') ?? 0,
    },
  };
};

/** The body was validated at the door, whose schema follows the service's. */
export const converse = async (
  { client, modelId, abort }: Sending,
  request: ConverseRequest,
): Promise<Answer> => {
  const input = { ...(withBytes(request) as ConverseCommandInput), modelId };
  const { output, stopReason, usage } = await client.send(new ConverseCommand(input), {
    abortSignal: abort.signal,
  });
  return toAnswer({ output, stopReason, usage });
};

/** The same, read while it is written. */
export const converseStreaming = async (
  { client, modelId, abort }: Sending,
  request: ConverseRequest,
): Promise<Answer> => {
  const input = { ...(withBytes(request) as ConverseStreamCommandInput), modelId };
  const { stream } = await client.send(new ConverseStreamCommand(input), { abortSignal: abort.signal });
  const assembly = createConverseAssembly();
  for (const event of await readStream(stream ?? [], (reason) => abort.abort(reason)))
    assembly.add(event as unknown as Json);
  const answer = assembly.answer();
  if (!answer.isWhole) throw new BrokenStreamError('the stream ended before the answer did');
  return toAnswer(answer);
};
