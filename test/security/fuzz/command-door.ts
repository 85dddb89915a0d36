import { Command, CommanderError } from 'commander';
import fc from 'fast-check';
import { createCompletionCommand } from '../../../cli/completion-command.ts';
import { createDeadLettersCommand } from '../../../cli/dead-letters-command.ts';
import { createKeysCommand } from '../../../cli/keys-command.ts';
import { FaultyInput, RefusedError } from '../../../cli/refused.ts';
import { createControlCommands } from '../../../cli/remote/control-commands.ts';
import { createReadCommands } from '../../../cli/remote/read-commands.ts';
import { createResultCommands } from '../../../cli/remote/results-command.ts';
import { createSendCommands } from '../../../cli/remote/send-commands.ts';
import { createRunCommand } from '../../../cli/run-command.ts';
import { createSimulateCommand } from '../../../cli/simulate-command.ts';
import { createStartCommand } from '../../../cli/start-command.ts';
import { UserError } from '../../../local/user-error.ts';
import { pollutionFault } from './accounts.ts';
import type { Door } from './door.ts';
import { hostileText } from './hostile-values.ts';

const createCommands = (program: Command): readonly Command[] => [
  createRunCommand(),
  createStartCommand(),
  createKeysCommand(),
  ...createSendCommands(),
  ...createReadCommands(),
  ...createResultCommands(),
  ...createControlCommands(),
  createDeadLettersCommand(),
  createSimulateCommand(),
  createCompletionCommand(program),
];

/** Says nothing, ends nothing, and does nothing once its arguments are understood. */
const disarm = (command: Command): void => {
  command.exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {} });
  if (command.commands.length === 0) command.action(() => {});
  for (const child of command.commands) disarm(child);
};

const createProgram = (): Command => {
  const program = new Command('smoother').version('0');
  for (const command of createCommands(program)) program.addCommand(command);
  disarm(program);
  return program;
};

const namesOf = (command: Command, path: readonly string[] = []): readonly (readonly string[])[] => [
  path,
  ...command.commands.flatMap((child) => namesOf(child, [...path, child.name()])),
];

const flagsOf = (command: Command): readonly string[] => [
  ...command.options.flatMap(({ long, short }) => [long ?? '', short ?? '']),
  ...command.commands.flatMap(flagsOf),
];

const KNOWN = createProgram();
const PATHS = namesOf(KNOWN);
const FLAGS = [...new Set(flagsOf(KNOWN))].filter((flag) => flag !== '');

const VALUES = [
  '1',
  '0',
  '-1',
  '65536',
  '1e3',
  '30d',
  '1h',
  'default',
  '{"a":1}',
  'models={}',
  '-',
  '--',
  '@file',
];

/** No file can be named by these, so that none is read or written. */
const word: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...FLAGS),
  fc.tuple(fc.constantFrom(...FLAGS), hostileText).map(([flag, value]) => `${flag}=${value}`),
  fc.constantFrom(...VALUES),
  hostileText,
);

const KINDS = [CommanderError, UserError, FaultyInput, RefusedError];

/** Either the arguments are understood, or the command ends with a code that is written down, and a sentence. */
const check = async (words: readonly string[]): Promise<string | undefined> => {
  try {
    await createProgram().parseAsync(words, { from: 'user' });
  } catch (error) {
    const named = KINDS.some((kind) => error instanceof kind);
    if (!named) return `it threw ${(error as Error).stack}`;
    if ((error as Error).message.trim() === '') return 'it ended without a word';
  }
  return pollutionFault();
};

export const commandDoor: Door<readonly string[]> = {
  arbitrary: fc
    .tuple(fc.constantFrom(...PATHS), fc.array(word, { maxLength: 6 }))
    .map(([path, words]) => [...path, ...words]),
  check,
};
