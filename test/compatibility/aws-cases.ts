import {
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import type { CompatibilityCase } from './compatibility-case.ts';

const HELLO = { role: 'user', content: [{ text: 'hello from aws' }] } as const;

const converse = (modelId: string, maxTokens = 50) =>
  new ConverseCommand({
    modelId,
    messages: [{ role: HELLO.role, content: [...HELLO.content] }],
    inferenceConfig: { maxTokens },
  });

const answer = () => ({
  output: {
    message: { role: 'assistant', content: [{ text: expect.stringContaining('echo: hello from aws') }] },
  },
  stopReason: 'max_tokens',
  usage: { outputTokens: 50 },
  $metadata: { requestId: expect.stringMatching(/^req_/), attempts: 1 },
});

export const AWS_CASES: readonly CompatibilityCase[] = [
  {
    sdk: 'aws',
    call: 'Converse',
    works: 'yes',
    sentence: 'Over HTTP/2, as the SDK speaks by default; each attempt of one call is the same request.',
    run: async ({ aws }) => {
      expect(await aws.send(converse('nova'))).toMatchObject(answer());
      expect(await aws.send(converse('us.anthropic.claude-haiku-4-5-20251001-v1:0'))).toMatchObject(answer());
    },
  },
  {
    sdk: 'aws',
    call: 'Converse, over HTTP/1.1',
    works: 'yes',
    sentence: 'On the same port, signed or with a bearer token.',
    run: async ({ awsOverHttp1 }) => {
      expect(await awsOverHttp1.send(converse('nova'))).toMatchObject(answer());
    },
  },
  {
    sdk: 'aws',
    call: 'InvokeModel',
    works: 'yes',
    sentence: 'The body goes to the model as it is; guardrails, traces and latency of headers are refused.',
    run: async ({ aws }) => {
      const { body, contentType } = await aws.send(
        new InvokeModelCommand({
          modelId: 'haiku',
          body: JSON.stringify({
            anthropic_version: 'bedrock-2023-05-31',
            max_tokens: 50,
            messages: [{ role: 'user', content: 'hello from aws' }],
          }),
        }),
      );
      expect(contentType).toBe('application/json');
      expect(JSON.parse(new TextDecoder().decode(body))).toMatchObject({
        type: 'message',
        content: [{ text: expect.stringContaining('echo: hello from aws') }],
      });
      await expect(
        aws.send(
          new InvokeModelCommand({
            modelId: 'haiku',
            body: '{}',
            guardrailIdentifier: 'g',
            guardrailVersion: '1',
          }),
        ),
      ).rejects.toMatchObject({ name: 'ValidationException' });
    },
  },
  {
    sdk: 'aws',
    call: 'ConverseStream',
    works: 'yes',
    sentence: 'The stream begins once the answer is there, and holds all of it: one delta for each block.',
    run: async ({ aws }) => {
      const { stream } = await aws.send(
        new ConverseStreamCommand({
          modelId: 'nova',
          messages: [{ role: HELLO.role, content: [...HELLO.content] }],
          inferenceConfig: { maxTokens: 50 },
        }),
      );
      const events: unknown[] = [];
      for await (const event of stream ?? []) events.push(event);
      expect(events).toMatchObject([
        { messageStart: { role: 'assistant' } },
        { contentBlockDelta: { delta: { text: expect.stringContaining('echo: hello from aws') } } },
        { contentBlockStop: { contentBlockIndex: 0 } },
        { messageStop: { stopReason: 'max_tokens' } },
        { metadata: { usage: { outputTokens: 50 } } },
      ]);
    },
  },
  {
    sdk: 'aws',
    call: 'InvokeModelWithResponseStream',
    works: 'yes',
    sentence: 'To Anthropic’s models only, in their words; every family has its own.',
    run: async ({ aws }) => {
      const invoke = (modelId: string) =>
        aws.send(
          new InvokeModelWithResponseStreamCommand({
            modelId,
            body: JSON.stringify({
              anthropic_version: 'bedrock-2023-05-31',
              max_tokens: 50,
              messages: [{ role: 'user', content: 'hello from aws' }],
            }),
          }),
        );
      const types: unknown[] = [];
      for await (const { chunk } of (await invoke('haiku')).body ?? [])
        types.push((JSON.parse(new TextDecoder().decode(chunk?.bytes)) as { readonly type: unknown }).type);
      expect(types).toEqual([
        'message_start',
        'content_block_start',
        'content_block_delta',
        'content_block_stop',
        'message_delta',
        'message_stop',
      ]);
      await expect(invoke('nova')).rejects.toMatchObject({ name: 'ValidationException' });
    },
  },
  {
    sdk: 'aws',
    call: 'Converse and InvokeModel, refused',
    works: 'yes',
    sentence: 'Errors are the service’s own exceptions, and name every fault.',
    run: async ({ aws }) => {
      await expect(aws.send(converse('none'))).rejects.toMatchObject({
        name: 'ValidationException',
        message: expect.stringContaining('`none` is not configured'),
      });
      await expect(aws.send(converse('nova', 1_000_000))).rejects.toMatchObject({
        name: 'ValidationException',
      });
    },
  },
  {
    sdk: 'aws',
    call: 'CountTokens, ApplyGuardrail, and all else',
    works: 'no',
    sentence: 'A ResourceNotFoundException that says which calls there are.',
    run: async ({ aws }) => {
      await expect(
        aws.send(new CountTokensCommand({ modelId: 'nova', input: { converse: { messages: [] } } })),
      ).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
        message: expect.stringContaining('is not supported. There are POST'),
      });
    },
  },
];
