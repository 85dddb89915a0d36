import { type Command, InvalidArgumentError, Option } from 'commander';
import { PRIORITIES } from '../shared/contract/priorities.ts';
import type { RequestDefaults } from './input/check-input.ts';
import { INPUT_FORMAT_NAMES, type InputFormat } from './input/formats.ts';
import type { InputOptions } from './input/read-input.ts';

/** How an input is read, and what its requests get that say nothing themselves. */
export interface InputCommandOptions {
  readonly model?: string;
  readonly inputFormat?: InputFormat;
  readonly template?: string;
  readonly system?: string;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly priority?: string;
}

export const positiveInteger = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return Number(text);
};

const fraction = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('It must be a number from 0 to 1.');
  return value;
};

export const addInputOptions = (command: Command): Command =>
  command
    .option('--model <name>', 'a configured model, or a model id of Bedrock')
    .addOption(
      new Option('--input-format <format>', 'what the input is written in (default: found out)').choices(
        INPUT_FORMAT_NAMES,
      ),
    )
    .option('--template <text>', 'of a table: what to ask, with {{column}} for a cell')
    .option('--system <text>', 'the system prompt of requests without one')
    .option('--max-tokens <n>', 'longest answer of requests that do not say', positiveInteger)
    .option('--temperature <n>', 'of requests that do not say', fraction)
    .addOption(new Option('--priority <class>', 'of requests that do not say').choices(PRIORITIES));

export const inputOptionsOf = (
  path: string,
  { inputFormat, template }: InputCommandOptions,
): InputOptions => ({
  path,
  ...(inputFormat === undefined ? {} : { format: inputFormat }),
  ...(template === undefined ? {} : { template }),
});

/** Formats of others name models of their own, which `--model` replaces; ours keeps what a line says. */
export const defaultsOf = (options: InputCommandOptions): RequestDefaults => {
  const { model, system, maxTokens, temperature, priority } = options;
  return {
    ...(model === undefined ? {} : { model }),
    ...(system === undefined ? {} : { system }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(priority === undefined ? {} : { priority }),
  };
};
