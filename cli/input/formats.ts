/** What an input may be written in, in the words of those who ask for it. */
export const INPUT_FORMATS = {
  lines: 'one prompt a line',
  jsonl: 'one request a line, as docs/reference/requests.md has it',
  anthropic: 'Anthropic batch requests: custom_id and params',
  openai: 'OpenAI batch lines: custom_id, url and body',
  bedrock: 'Bedrock batch records: recordId and modelInput',
  csv: 'a table with a head, asked by a --template',
} as const;

export type InputFormat = keyof typeof INPUT_FORMATS;

export const INPUT_FORMAT_NAMES = Object.keys(INPUT_FORMATS) as readonly InputFormat[];

/** What results may be written in. `same` is what the input is written in. */
export const RESULT_FORMATS = ['jsonl', 'same', 'anthropic', 'openai', 'bedrock', 'csv'] as const;

export type ResultFormat = (typeof RESULT_FORMATS)[number];

/** Plain lines have no form for an answer: theirs is ours. */
export const resultFormatOf = (asked: ResultFormat, input: InputFormat): Exclude<ResultFormat, 'same'> => {
  if (asked !== 'same') return asked;
  return input === 'lines' ? 'jsonl' : input;
};
