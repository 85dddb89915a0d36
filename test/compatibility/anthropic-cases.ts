import { askUntil } from './ask-until.ts';
import type { Clients, CompatibilityCase } from './compatibility-case.ts';

const HELLO = { role: 'user', content: 'hello from anthropic' } as const;

const BATCH = {
  requests: ['one', 'two'].map((id) => ({
    custom_id: id,
    params: { model: 'haiku', max_tokens: 20, messages: [{ role: 'user' as const, content: `batch ${id}` }] },
  })),
};

const ended = ({ anthropic }: Clients, id: string) =>
  askUntil(
    () => anthropic.messages.batches.retrieve(id),
    ({ processing_status }) => processing_status === 'ended',
  );

export const ANTHROPIC_CASES: readonly CompatibilityCase[] = [
  {
    sdk: 'anthropic',
    call: 'messages.create',
    works: 'yes',
    sentence: 'Waits for its turn and answers on the same connection; `_request_id` is the request’s own.',
    run: async ({ anthropic }) => {
      const message = await anthropic.messages.create({ model: 'haiku', max_tokens: 50, messages: [HELLO] });
      expect(message).toMatchObject({
        type: 'message',
        role: 'assistant',
        content: [{ type: 'text', text: expect.stringContaining('echo: hello from anthropic') }],
        usage: { output_tokens: 50 },
      });
      expect(message._request_id).toMatch(/^req_/);
    },
  },
  {
    sdk: 'anthropic',
    call: 'messages.create, of another family',
    works: 'yes',
    sentence: 'To a model that is not Anthropic’s it goes as Converse, tools and images too.',
    run: async ({ anthropic }) => {
      const message = await anthropic.messages.create({
        model: 'nova',
        max_tokens: 50,
        system: 'Be brief.',
        tools: [{ name: 'look', description: 'Looks.', input_schema: { type: 'object' } }],
        messages: [{ role: 'user', content: '[[sim:tool=look {"at": "the moon"}]]' }],
      });
      expect(message).toMatchObject({
        model: 'amazon.nova-micro-v1:0',
        stop_reason: 'tool_use',
        content: [{ type: 'tool_use', name: 'look', input: { at: 'the moon' } }],
      });
    },
  },
  {
    sdk: 'anthropic',
    call: 'messages.create, refused',
    works: 'yes',
    sentence: 'Errors are the SDK’s own classes, and name every fault.',
    run: async ({ anthropic }) => {
      const ask = (model: string, max_tokens: number) =>
        anthropic.messages.create({ model, max_tokens, messages: [HELLO] }, { timeout: 60_000 });
      await expect(ask('haikuu', 5)).rejects.toMatchObject({ name: 'NotFoundError', status: 404 });
      await expect(ask('haiku', 1_000_000)).rejects.toMatchObject({ name: 'BadRequestError', status: 400 });
      await expect(
        anthropic
          .withOptions({ apiKey: 'none' })
          .messages.create({ model: 'haiku', max_tokens: 5, messages: [HELLO] }),
      ).rejects.toMatchObject({ name: 'AuthenticationError', status: 401 });
    },
  },
  {
    sdk: 'anthropic',
    call: 'messages.stream, messages.create with `stream`',
    works: 'yes',
    sentence:
      'A `ping` every 15 seconds until the answer is there, then all of it: one delta for each block.',
    run: async ({ anthropic }) => {
      const stream = anthropic.messages.stream({
        model: 'haiku',
        max_tokens: 50,
        tools: [{ name: 'look', input_schema: { type: 'object' } }],
        messages: [{ role: 'user', content: '[[sim:tool=look {"at": "the moon"}]]' }],
      });
      const message = await stream.finalMessage();
      expect(message).toMatchObject({
        stop_reason: 'tool_use',
        content: expect.arrayContaining([
          expect.objectContaining({ type: 'tool_use', name: 'look', input: { at: 'the moon' } }),
        ]),
      });
      const texts: string[] = [];
      const again = anthropic.messages.stream({ model: 'nova', max_tokens: 50, messages: [HELLO] });
      again.on('text', (text) => texts.push(text));
      await again.done();
      expect(texts).toEqual([expect.stringContaining('echo: hello from anthropic')]);
    },
  },
  {
    sdk: 'anthropic',
    call: 'messages.batches.create, .retrieve, .results',
    works: 'yes',
    sentence: 'Up to 4 MB in one call; `request_counts` move while it runs, and sum up.',
    run: async (clients) => {
      const { batches } = clients.anthropic.messages;
      const { id, request_counts: counts } = await batches.create(BATCH);
      expect(counts).toMatchObject({ processing: 2, succeeded: 0 });
      expect((await ended(clients, id)).request_counts).toMatchObject({ processing: 0, succeeded: 2 });
      const texts: string[] = [];
      for await (const { custom_id, result } of await batches.results(id)) {
        const [block] = result.type === 'succeeded' ? result.message.content : [];
        texts.push(`${custom_id}: ${block?.type === 'text' ? block.text : ''}`);
      }
      expect(texts).toEqual([
        expect.stringContaining('one: echo: batch one'),
        expect.stringContaining('two: echo: batch two'),
      ]);
    },
  },
  {
    sdk: 'anthropic',
    call: 'messages.batches.list, .cancel, .delete',
    works: 'yes',
    sentence:
      'Lists go from the newest on (`after_id`); what is deleted is no longer shown, its results go when their 30 days are over.',
    run: async (clients) => {
      const { batches } = clients.anthropic.messages;
      const first = await batches.create(BATCH);
      const second = await batches.create(BATCH);
      const listed: string[] = [];
      for await (const { id } of batches.list({ limit: 1 })) listed.push(id);
      expect(listed.slice(0, 2)).toEqual([second.id, first.id]);
      expect(['canceling', 'ended']).toContain((await batches.cancel(second.id)).processing_status);
      await ended(clients, second.id);
      expect(await batches.delete(second.id)).toMatchObject({ id: second.id, type: 'message_batch_deleted' });
      await expect(batches.retrieve(second.id)).rejects.toMatchObject({ status: 404 });
    },
  },
  {
    sdk: 'anthropic',
    call: 'models.list, models.retrieve',
    works: 'yes',
    sentence: 'The pools, their model ids and other names.',
    run: async ({ anthropic }) => {
      const { data } = await anthropic.models.list();
      expect(data.map(({ id }) => id)).toEqual(
        expect.arrayContaining(['haiku', 'nova', 'amazon.nova-micro-v1:0']),
      );
      expect(await anthropic.models.retrieve('nova')).toMatchObject({ id: 'nova', type: 'model' });
    },
  },
  {
    sdk: 'anthropic',
    call: 'messages.countTokens',
    works: 'no',
    sentence: '`POST /v1/requests/estimate` tells what a request would cost.',
    run: async ({ anthropic }) => {
      await expect(
        anthropic.messages.countTokens({ model: 'haiku', messages: [HELLO] }),
      ).rejects.toMatchObject({
        name: 'NotFoundError',
        message: expect.stringContaining('POST /anthropic/v1/messages/count_tokens is not supported'),
      });
    },
  },
];
