import OpenAI from 'openai';
import type { CompatibilityCase } from './compatibility-case.ts';

const HELLO = { role: 'user', content: 'hello from openai' } as const;

export const OPENAI_CASES: readonly CompatibilityCase[] = [
  {
    sdk: 'openai',
    call: 'chat.completions.create',
    works: 'yes',
    sentence: 'Waits for its turn and answers on the same connection; `id` is the request’s own.',
    run: async ({ openai }) => {
      const completion = await openai.chat.completions.create({
        model: 'haiku',
        max_completion_tokens: 50,
        messages: [{ role: 'system', content: 'Be brief.' }, HELLO],
      });
      expect(completion).toMatchObject({
        id: expect.stringMatching(/^req_/),
        object: 'chat.completion',
        choices: [
          {
            message: { content: expect.stringContaining('echo: hello from openai') },
            finish_reason: 'length',
          },
        ],
        usage: { completion_tokens: 50 },
      });
    },
  },
  {
    sdk: 'openai',
    call: 'chat.completions.create, with tools',
    works: 'yes',
    sentence:
      'Functions, images as data URLs, and `json_schema` are carried; `logprobs`, `n` above 1, penalties and `logit_bias` are refused.',
    run: async ({ openai }) => {
      const completion = await openai.chat.completions.create({
        model: 'nova',
        tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }],
        messages: [{ role: 'user', content: '[[sim:tool=look {"at": "the moon"}]]' }],
      });
      expect(completion.choices[0]).toMatchObject({
        finish_reason: 'tool_calls',
        message: {
          tool_calls: [{ type: 'function', function: { name: 'look', arguments: '{"at":"the moon"}' } }],
        },
      });
      await expect(
        openai.chat.completions.create({ model: 'nova', n: 2, messages: [HELLO] }),
      ).rejects.toMatchObject({ status: 400, param: 'n' });
    },
  },
  {
    sdk: 'openai',
    call: 'chat.completions.create, refused',
    works: 'yes',
    sentence: 'Errors are the SDK’s own classes, and name every fault.',
    run: async ({ openai }) => {
      await expect(
        openai.chat.completions.create({ model: 'gpt-x', messages: [HELLO] }),
      ).rejects.toBeInstanceOf(OpenAI.NotFoundError);
      await expect(
        openai.withOptions({ apiKey: 'none' }).chat.completions.create({ model: 'nova', messages: [HELLO] }),
      ).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    },
  },
  {
    sdk: 'openai',
    call: 'models.list, models.retrieve',
    works: 'yes',
    sentence: 'The pools, their model ids and other names.',
    run: async ({ openai }) => {
      const { data } = await openai.models.list();
      expect(data.map(({ id }) => id)).toEqual(
        expect.arrayContaining(['haiku', 'nova', 'amazon.nova-micro-v1:0']),
      );
      expect(await openai.models.retrieve('nova')).toMatchObject({ id: 'nova', object: 'model' });
    },
  },
  {
    sdk: 'openai',
    call: 'responses, embeddings, and all else',
    works: 'no',
    sentence: 'A 404 that says which calls there are.',
    run: async ({ openai }) => {
      const all = [
        openai.responses.create({ model: 'nova', input: 'hello' }),
        openai.embeddings.create({ model: 'nova', input: 'hello' }),
        openai.completions.create({ model: 'nova', prompt: 'hello' }),
      ];
      for (const asked of await Promise.allSettled(all))
        expect(asked).toMatchObject({
          reason: { status: 404, message: expect.stringContaining('is not supported. There are POST') },
        });
    },
  },
];
