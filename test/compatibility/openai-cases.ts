import OpenAI, { toFile } from 'openai';
import { askUntil } from './ask-until.ts';
import type { Clients, CompatibilityCase } from './compatibility-case.ts';

const HELLO = { role: 'user', content: 'hello from openai' } as const;

const LINES = ['one', 'two'].map((id) => ({
  custom_id: id,
  method: 'POST',
  url: '/v1/chat/completions',
  body: { model: 'haiku', max_tokens: 20, messages: [{ role: 'user', content: `batch ${id}` }] },
}));

const sendFile = async ({ openai }: Clients) => {
  const text = LINES.map((line) => JSON.stringify(line)).join('\n');
  return openai.files.create({ purpose: 'batch', file: await toFile(Buffer.from(text), 'work.jsonl') });
};

const sendBatch = async (clients: Clients) => {
  const file = await sendFile(clients);
  return clients.openai.batches.create({
    input_file_id: file.id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
    metadata: { run: '7' },
  });
};

const ended = ({ openai }: Clients, id: string) =>
  askUntil(
    () => openai.batches.retrieve(id),
    ({ status }) => ['completed', 'cancelled'].includes(status),
  );

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
    call: 'chat.completions.create with `stream`',
    works: 'yes',
    sentence: 'A comment every 15 seconds until the answer is there, then all of it: one chunk.',
    run: async ({ openai }) => {
      const stream = openai.chat.completions.stream({
        model: 'haiku',
        max_tokens: 50,
        stream_options: { include_usage: true },
        messages: [HELLO],
      });
      const completion = await stream.finalChatCompletion();
      expect(completion).toMatchObject({
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
    call: 'files.create, .retrieve, .content, .delete',
    works: 'yes',
    sentence: 'Of purpose `batch`, up to 4 MB, for 30 days; of what is deleted nothing is left to read.',
    run: async (clients) => {
      const { files } = clients.openai;
      const file = await sendFile(clients);
      expect(file).toMatchObject({ object: 'file', filename: 'work.jsonl', purpose: 'batch' });
      expect(await files.retrieve(file.id)).toEqual(file);
      expect(await (await files.content(file.id)).text()).toContain('"custom_id":"two"');
      expect(await files.delete(file.id)).toMatchObject({ id: file.id, deleted: true });
      await expect(files.retrieve(file.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    },
  },
  {
    sdk: 'openai',
    call: 'batches.create, .retrieve, output and error files',
    works: 'yes',
    sentence:
      'Faults of a file are told at once, as a 400 that names each line, and not by a batch that `failed`.',
    run: async (clients) => {
      const batch = await sendBatch(clients);
      expect(batch).toMatchObject({ object: 'batch', metadata: { run: '7' }, request_counts: { total: 2 } });
      const { output_file_id: output, ...done } = await ended(clients, batch.id);
      expect(done).toMatchObject({
        status: 'completed',
        request_counts: { completed: 2, failed: 0 },
        error_file_id: null,
      });
      const text = await (await clients.openai.files.content(output ?? '')).text();
      expect(
        text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown),
      ).toMatchObject([
        { custom_id: 'one', response: { status_code: 200, body: { object: 'chat.completion' } } },
        { custom_id: 'two', error: null },
      ]);
    },
  },
  {
    sdk: 'openai',
    call: 'batches.list, .cancel',
    works: 'yes',
    sentence: 'Lists go from the newest on (`after`).',
    run: async (clients) => {
      const { batches } = clients.openai;
      const [first, second] = [await sendBatch(clients), await sendBatch(clients)];
      const listed: string[] = [];
      for await (const { id } of batches.list({ limit: 1 })) listed.push(id);
      expect(listed.slice(0, 2)).toEqual([second.id, first.id]);
      expect(['cancelling', 'cancelled', 'completed']).toContain((await batches.cancel(second.id)).status);
      await ended(clients, second.id);
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
    call: 'files.list, uploads, responses, embeddings, and all else',
    works: 'no',
    sentence: 'A 404 that says which calls there are.',
    run: async ({ openai }) => {
      const all = [
        openai.files.list(),
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
