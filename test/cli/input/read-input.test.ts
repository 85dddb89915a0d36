import type { InputFormat } from '../../../cli/input/formats.ts';
import { type InputOptions, readInput } from '../../../cli/input/read-input.ts';
import { type ConversionContext, modelNamesOfPools } from '../../../shared/core/dialects/model-names.ts';

const MODELS = modelNamesOfPools([
  { pool: 'haiku', model: 'us.anthropic.claude-haiku-4-5-20251001-v1:0' },
  { pool: 'nova', model: 'amazon.nova-micro-v1:0' },
]);

const context = (model?: string): ConversionContext => ({ models: MODELS, model });

const read = (text: string, options: Partial<InputOptions> = {}, model?: string) =>
  readInput(text, { path: 'prompts.jsonl', ...options }, context(model));

const envelopesOf = (text: string, options: Partial<InputOptions> = {}, model?: string) => {
  const result = read(text, options, model);
  if (!result.ok) throw new Error(result.sentence);
  return result.items.map(({ converted }) => (converted.ok ? converted.envelope : converted.faults));
};

const lines = (...values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');

const OURS = { custom_id: 'a', prompt: 'Hello' };
const ANTHROPIC = {
  custom_id: 'a',
  params: { model: 'claude-x', max_tokens: 9, messages: [{ role: 'user', content: 'Hello' }] },
};
const OPENAI = {
  custom_id: 'a',
  method: 'POST',
  url: '/v1/chat/completions',
  body: { model: 'gpt-x', messages: [{ role: 'user', content: 'Hello' }] },
};
const BEDROCK = { recordId: 'a', modelInput: { messages: [{ role: 'user', content: [{ text: 'Hello' }] }] } };

describe('the format of an input', () => {
  it.each<[string, string, string, InputFormat]>([
    ['ours', 'x.jsonl', lines(OURS, { messages: [] }), 'jsonl'],
    ['Anthropic’s', 'x.jsonl', lines(ANTHROPIC, ANTHROPIC), 'anthropic'],
    [
      'Anthropic’s as one document',
      'x.json',
      JSON.stringify({ requests: [ANTHROPIC] }, null, 2),
      'anthropic',
    ],
    ['OpenAI’s', 'x.jsonl', lines(OPENAI), 'openai'],
    ['Bedrock’s', 'x.jsonl', lines(BEDROCK), 'bedrock'],
    ['a list as one document', 'x.json', JSON.stringify([OURS]), 'jsonl'],
    ['plain text by its content', 'prompts', 'Hello\nHow are you?\n', 'lines'],
    ['plain text by its name', 'x.txt', '{"prompt": "braces are text here"}\n', 'lines'],
    ['a table by its name', 'x.csv', 'prompt\nHello\n', 'csv'],
    ['a table with tabs', 'x.tsv', 'prompt\tx\nHello\t1\n', 'csv'],
  ])('is known of %s', (_, path, text, format) => {
    expect(read(text, { path })).toMatchObject({ ok: true, format, isDetected: true });
  });

  it.each([
    ['two forms in one file', lines(OURS, OPENAI), 'line 1 is like jsonl, and line 2 is like openai.'],
    [
      'JSON that is like none',
      lines({ question: 'Hello', id: 1 }),
      'line 1 has question, id, which is like none of the known forms.',
    ],
    ['text in a file of JSON', 'Hello\n', 'its name says JSON, and line 1 is no JSON object.'],
  ])('is asked for with %s', (_, text, because) => {
    expect(read(text)).toEqual({
      ok: false,
      sentence: `It is not clear what prompts.jsonl is written in: ${because} Say it with --input-format: one of lines, jsonl, anthropic, openai, bedrock, csv.`,
    });
  });

  it('is what the user says it is', () => {
    expect(envelopesOf('{"prompt": "x"}', { format: 'lines' })).toEqual([
      { custom_id: 'line-1', prompt: '{"prompt": "x"}' },
    ]);
  });

  it('counts lines as an editor does, blank ones too', () => {
    const result = read('\uFEFFone\r\n\r\n  two\n', { path: 'x.txt' });
    expect(result.ok && result.items.map(({ line, converted }) => [line, converted])).toEqual([
      [1, { ok: true, envelope: { custom_id: 'line-1', prompt: 'one' } }],
      [3, { ok: true, envelope: { custom_id: 'line-3', prompt: '  two' } }],
    ]);
  });

  it('may not be that of an empty file', () => {
    expect(read('\n \n')).toEqual({ ok: false, sentence: 'prompts.jsonl holds no request.' });
  });

  it('keeps a line that is not JSON as a fault of that line', () => {
    expect(envelopesOf(`${lines(OURS)}{"prompt": \n`)).toEqual([
      OURS,
      [{ pointer: '', detail: 'is not valid JSON: each line must be one whole object' }],
    ]);
  });
});

describe('Anthropic batch requests', () => {
  it('go to a model of Anthropic in its own words', () => {
    const params = {
      ...ANTHROPIC.params,
      system: 'Be brief.',
      top_k: 5,
      stream: false,
      metadata: { user_id: 'u' },
    };
    expect(envelopesOf(lines({ custom_id: 'a', params }), {}, 'haiku')).toEqual([
      {
        custom_id: 'a',
        model: 'haiku',
        invoke_model: {
          anthropic_version: 'bedrock-2023-05-31',
          max_tokens: 9,
          messages: [{ role: 'user', content: 'Hello' }],
          system: 'Be brief.',
          top_k: 5,
        },
      },
    ]);
  });

  it('go to others as Converse', () => {
    const params = {
      model: 'nova',
      max_tokens: 9,
      temperature: 0.5,
      stop_sequences: ['.'],
      system: [{ type: 'text', text: 'Be brief.' }],
      tools: [{ name: 'look', description: 'Looks.', input_schema: { type: 'object' } }],
      tool_choice: { type: 'any' },
      messages: [
        {
          role: 'user',
          content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } }],
        },
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'look', input: { x: 1 } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'seen' }] },
      ],
    };
    expect(envelopesOf(lines({ custom_id: 'a', params }))).toEqual([
      {
        custom_id: 'a',
        model: 'nova',
        converse: {
          messages: [
            {
              role: 'user',
              content: [{ image: { format: 'png', source: { bytes: 'AA==' } } }, { text: 'Hello' }],
            },
            { role: 'assistant', content: [{ toolUse: { toolUseId: 't1', name: 'look', input: { x: 1 } } }] },
            { role: 'user', content: [{ toolResult: { toolUseId: 't1', content: [{ text: 'seen' }] } }] },
          ],
          system: [{ text: 'Be brief.' }],
          inferenceConfig: { maxTokens: 9, temperature: 0.5, stopSequences: ['.'] },
          toolConfig: {
            tools: [
              {
                toolSpec: { name: 'look', description: 'Looks.', inputSchema: { json: { type: 'object' } } },
              },
            ],
            toolChoice: { any: {} },
          },
        },
      },
    ]);
  });

  it('say what cannot be said to others', () => {
    const params = { ...ANTHROPIC.params, model: 'nova', top_k: 5, thinking: { type: 'enabled' } };
    const detail = 'cannot be said to amazon.nova-micro-v1:0: it is not one of Anthropic’s';
    expect(envelopesOf(lines({ custom_id: 'a', params }))).toEqual([
      [
        { pointer: '/params/top_k', detail },
        { pointer: '/params/thinking', detail },
      ],
    ]);
  });

  it('of a model that is not here ask which one answers', () => {
    expect(envelopesOf(lines(ANTHROPIC))).toEqual([
      [
        {
          pointer: '/params/model',
          detail: '`claude-x` is not configured; say with --model which of haiku, nova answers',
          code: 'unknown_model',
        },
      ],
    ]);
  });
});

describe('OpenAI batch lines', () => {
  it('become Converse', () => {
    const body = {
      model: 'gpt-x',
      max_completion_tokens: 9,
      top_p: 0.9,
      stop: 'END',
      n: 1,
      user: 'u',
      messages: [
        { role: 'developer', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See:' },
            { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,AA==' } },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 't1', type: 'function', function: { name: 'look', arguments: '{"x":1}' } }],
        },
        { role: 'tool', tool_call_id: 't1', content: 'seen' },
        { role: 'user', content: 'And?' },
      ],
      tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }],
      tool_choice: 'required',
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' } } },
    };
    expect(envelopesOf(lines({ ...OPENAI, body }), {}, 'haiku')).toEqual([
      {
        custom_id: 'a',
        model: 'haiku',
        converse: {
          messages: [
            {
              role: 'user',
              content: [{ text: 'See:' }, { image: { format: 'jpeg', source: { bytes: 'AA==' } } }],
            },
            { role: 'assistant', content: [{ toolUse: { toolUseId: 't1', name: 'look', input: { x: 1 } } }] },
            {
              role: 'user',
              content: [{ toolResult: { toolUseId: 't1', content: [{ text: 'seen' }] } }, { text: 'And?' }],
            },
          ],
          system: [{ text: 'Be brief.' }],
          inferenceConfig: { maxTokens: 9, topP: 0.9, stopSequences: ['END'] },
          toolConfig: {
            tools: [{ toolSpec: { name: 'look', inputSchema: { json: { type: 'object' } } } }],
            toolChoice: { any: {} },
          },
          outputConfig: {
            textFormat: {
              type: 'json_schema',
              structure: { jsonSchema: { name: 'answer', schema: '{"type":"object"}' } },
            },
          },
        },
      },
    ]);
  });

  it('say all that has no place here', () => {
    const body = { ...OPENAI.body, n: 2, logit_bias: { 1: 2 }, response_format: { type: 'json_object' } };
    expect(envelopesOf(lines({ ...OPENAI, body }))).toEqual([
      [
        {
          pointer: '/body/model',
          detail: '`gpt-x` is not configured; say with --model which of haiku, nova answers',
          code: 'unknown_model',
        },
        { pointer: '/body/n', detail: 'has no place in Converse; leave it out' },
        { pointer: '/body/logit_bias', detail: 'has no place in Converse; leave it out' },
        {
          pointer: '/body/response_format/type',
          detail: '`json_object` has no place in Converse; give a `json_schema`',
        },
      ],
    ]);
  });

  it('of another path are refused', () => {
    expect(envelopesOf(lines({ ...OPENAI, url: '/v1/embeddings' }), {}, 'haiku')).toEqual([
      [{ pointer: '/url', detail: 'must be /v1/chat/completions, not `/v1/embeddings`' }],
    ]);
  });

  it('keep an id that ours cannot be', () => {
    const result = read(lines({ ...OPENAI, custom_id: 'order/17: first' }), {}, 'haiku');
    expect(result.ok && result.items).toMatchObject([
      { id: 'order/17: first', converted: { envelope: { custom_id: 'line-1' } } },
    ]);
  });
});

describe('Bedrock batch records', () => {
  it('of a Converse job are told from those of InvokeModel', () => {
    const native = {
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 5,
      messages: [{ role: 'user', content: 'x' }],
    };
    expect(envelopesOf(lines(BEDROCK, { recordId: 'b', modelInput: native }), {}, 'haiku')).toEqual([
      { custom_id: 'a', model: 'haiku', converse: BEDROCK.modelInput },
      { custom_id: 'b', model: 'haiku', invoke_model: native },
    ]);
  });

  it('name no model: with several it has to be said', () => {
    expect(envelopesOf(lines(BEDROCK))).toEqual([
      [
        {
          pointer: '',
          detail: 'names none; say with --model which of haiku, nova answers',
          code: 'required',
        },
      ],
    ]);
  });
});

describe('tables', () => {
  const table = (text: string, template?: string) =>
    read(text, { path: 'x.csv', ...(template === undefined ? {} : { template }) });

  it('fill the template in, row by row', () => {
    const text = 'id,title,body\r\na,"Of ""mice"", and men","two\r\nlines"\r\n\r\nb,Plain,\r\n';
    const result = table(text, 'Sum up {{title}}: {{ body }} ({{title}})');
    expect(result.ok && result.items.map(({ line, converted }) => [line, converted])).toEqual([
      [
        2,
        {
          ok: true,
          envelope: {
            custom_id: 'a',
            prompt: 'Sum up Of "mice", and men: two\r\nlines (Of "mice", and men)',
          },
        },
      ],
      [5, { ok: true, envelope: { custom_id: 'b', prompt: 'Sum up Plain:  (Plain)' } }],
    ]);
  });

  it('put nothing of a cell to use but its text', () => {
    expect(envelopesOf('a,b\n{{b}},$& $1\n', { path: 'x.csv', template: '{{a}} {{b}}' })).toEqual([
      { custom_id: 'line-2', prompt: '{{b}} $& $1' },
    ]);
  });

  it.each([
    [
      'without a template',
      'a,b\n1,2\n',
      undefined,
      "The columns are a, b: say what to ask with --template, such as --template 'Summarize: {{b}}'.",
    ],
    [
      'with an unknown column',
      'title,b\n1,2\n',
      '{{titel}}',
      'The template asks for {{titel}}, and the columns are title, b. Did you mean {{title}}?',
    ],
    [
      'with a template of no column',
      'a\n1\n',
      'Hello',
      'The template names no column: write such as {{a}} where one belongs.',
    ],
    [
      'with an open quote',
      'a\n"1\n',
      '{{a}}',
      'Line 2 of the table has a quote that is never closed, or text after a closing one.',
    ],
    ['with a column twice', 'a,a\n1,2\n', '{{a}}', 'The column a comes twice in the head.'],
  ])('%s are not taken', (_, text, template, sentence) => {
    expect(table(text, template)).toEqual({ ok: false, sentence });
  });

  it('name a row that is too short', () => {
    expect(envelopesOf('a;b\n1;2\n3\n', { path: 'x.csv', template: '{{a}}' })).toEqual([
      { custom_id: 'line-2', prompt: '1' },
      [{ pointer: '', detail: 'has 1 cells, and the head has 2' }],
    ]);
  });

  it('hold a cell of a megabyte', () => {
    const cell = 'x""'.repeat(400_000);
    const [envelope] = envelopesOf(`prompt\n"${cell}"\n`, { path: 'x.csv' });
    expect((envelope as { prompt: string }).prompt).toHaveLength(800_000);
  });
});
