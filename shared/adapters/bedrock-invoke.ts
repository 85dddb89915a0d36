import { InvokeModelCommand, InvokeModelWithResponseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import type { Usage } from '../contract/request.ts';
import { assembleChunks, type InvokeMetrics, metricsOf } from '../core/answers/assemble-chunks.ts';
import { isObject, type Json } from '../core/answers/json-members.ts';
import { readInvokeBody } from '../core/answers/read-invoke-body.ts';
import type { Answer } from '../core/to-result.ts';
import type { Sending } from './bedrock-converse.ts';
import { BrokenStreamError } from './bedrock-faults.ts';
import { readStream } from './read-stream.ts';

type Headers = Readonly<Record<string, string>>;

const COUNTED = 'x-amzn-bedrock-';

const countIn = (headers: Headers, name: string): number | undefined => {
  const value = headers[`${COUNTED}${name}`];
  const count = value === undefined ? Number.NaN : Number(value);
  return Number.isFinite(count) ? count : undefined;
};

const inHeaders = (headers: Headers): InvokeMetrics => ({
  inputTokens: countIn(headers, 'input-token-count'),
  outputTokens: countIn(headers, 'output-token-count'),
  cacheReadTokens: countIn(headers, 'cache-read-input-token-count'),
  cacheWriteTokens: countIn(headers, 'cache-write-input-token-count'),
});

/** The body's own figures where it has them, else what the service counted beside it. */
const usageOf = (inBody: Partial<Usage>, beside: InvokeMetrics): Usage => ({
  input_tokens: inBody.input_tokens ?? beside.inputTokens ?? 0,
  output_tokens: inBody.output_tokens ?? beside.outputTokens ?? 0,
  cache_read_tokens: inBody.cache_read_tokens ?? beside.cacheReadTokens ?? 0,
  cache_write_tokens: inBody.cache_write_tokens ?? beside.cacheWriteTokens ?? 0,
});

const toAnswer = (output: unknown, beside: InvokeMetrics): Answer => {
  const { content, stopReason, usage } = readInvokeBody(output);
  return { content, output, stopReason: stopReason ?? 'unknown', usage: usageOf(usage, beside) };
};

const parsedBody = (bytes: Uint8Array): unknown => {
  const text = Buffer.from(bytes).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    // Whatever it is, it was paid for.
    return text;
  }
};

const inputOf = (modelId: string, body: Json) => ({
  modelId,
  contentType: 'application/json',
  accept: 'application/json',
  body: Buffer.from(JSON.stringify(body)),
});

export const invokeModel = async ({ client, modelId, abort }: Sending, body: Json): Promise<Answer> => {
  const command = new InvokeModelCommand(inputOf(modelId, body));
  let headers: Headers = {};
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { response } = result;
      if (isObject(response) && isObject(response.headers)) headers = response.headers as Headers;
      return result;
    },
    { step: 'deserialize', priority: 'high', name: 'readUsageHeaders' },
  );
  const output = await client.send(command, { abortSignal: abort.signal });
  return toAnswer(parsedBody(output.body), inHeaders(headers));
};

/** The same, read while it is written. */
export const invokeModelStreaming = async (
  { client, modelId, abort }: Sending,
  body: Json,
): Promise<Answer> => {
  const command = new InvokeModelWithResponseStreamCommand(inputOf(modelId, body));
  const { body: stream } = await client.send(command, { abortSignal: abort.signal });
  const events = await readStream(stream ?? [], (reason) => abort.abort(reason));
  const chunks = events.flatMap(({ chunk }) => {
    const parsed = chunk?.bytes === undefined ? undefined : parsedBody(chunk.bytes);
    return isObject(parsed) ? [parsed] : [];
  });
  const metrics = metricsOf(chunks);
  if (metrics.outputTokens === undefined)
    throw new BrokenStreamError('the stream ended before the answer did');
  return toAnswer(assembleChunks(chunks), metrics);
};
