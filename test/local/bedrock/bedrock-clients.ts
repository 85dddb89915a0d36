import {
  BedrockRuntimeClient,
  ConverseCommand,
  type ConverseCommandInput,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Bedrock } from '../../../local/bedrock/start-bedrock.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

export const haiku = 'us.anthropic.claude-haiku-4-5-20251001-v1:0';

const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };

/** As a user would create it: HTTP/2, one session for each call. */
export function http2Client(endpoint: string): BedrockRuntimeClient {
  return new BedrockRuntimeClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
}

export function http1Client(endpoint: string): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    endpoint,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
  });
}

export function ask(text: string, maxTokens = 100, modelId = haiku): ConverseCommand {
  const input: ConverseCommandInput = {
    modelId,
    messages: [{ role: 'user', content: [{ text }] }],
    inferenceConfig: { maxTokens },
  };
  return new ConverseCommand(input);
}

/** What a client saw of an error, without the parts that differ from call to call. */
export async function failureOf(call: Promise<unknown>): Promise<unknown> {
  const error: unknown = await call.then(
    () => new Error('the call was answered'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) return error;
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : undefined;
  return { name: error.name, message: error.message, status };
}

export async function until(
  bedrock: Bedrock,
  reached: (truth: ReturnType<Bedrock['truth']>) => boolean,
): Promise<void> {
  while (!reached(bedrock.truth())) await new Promise((resolve) => setImmediate(resolve));
}
