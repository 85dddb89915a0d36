import { Command, CommanderError } from 'commander';
import { silenceSdkNodeWarning } from '../functions/runtime/environment.ts';
import { UserError } from '../local/user-error.ts';
import packageJson from '../package.json';
import { createCompletionCommand } from './completion-command.ts';
import { createDeadLettersCommand } from './dead-letters-command.ts';
import { createDoctorCommand } from './doctor-command.ts';
import { exit } from './exit.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { createKeysCommand } from './keys-command.ts';
import { FaultyInput, RefusedError } from './refused.ts';
import { createControlCommands } from './remote/control-commands.ts';
import { createReadCommands } from './remote/read-commands.ts';
import { createResultCommands } from './remote/results-command.ts';
import { createSendCommands } from './remote/send-commands.ts';
import { createRunCommand } from './run-command.ts';
import { createSimulateCommand } from './simulate-command.ts';
import { createStartCommand } from './start-command.ts';

const exitCodeOf = (error: unknown): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
  if (error instanceof RefusedError || error instanceof FaultyInput) return EXIT_CODES.refused;
  return error instanceof UserError ? EXIT_CODES.usage : EXIT_CODES.someFailed;
};

/** Nobody mends a stack trace; of what should not have happened it is all there is. */
const detailOf = (error: unknown): string => {
  const told = [UserError, RefusedError, FaultyInput].some((kind) => error instanceof kind);
  return String(told ? (error as Error).message : (error as Error).stack);
};

const main = async (): Promise<void> => {
  silenceSdkNodeWarning();
  const program = new Command('smoother')
    .description('A durable queue and an honest governor in front of Amazon Bedrock.')
    .version(packageJson.version)
    .addHelpText(
      'after',
      `
Try:
  smoother run prompts.txt --out results.jsonl   a file of prompts, answered by a simulator
  smoother doctor                                what is in the way of more
`,
    )
    .exitOverride();
  for (const command of [
    createRunCommand(),
    createStartCommand(),
    createKeysCommand(),
    ...createSendCommands(),
    ...createReadCommands(),
    ...createResultCommands(),
    ...createControlCommands(),
    createDeadLettersCommand(),
    createDoctorCommand(),
    createSimulateCommand(),
    createCompletionCommand(program),
  ])
    program.addCommand(command.exitOverride());
  try {
    await program.parseAsync();
  } catch (error) {
    // Commander has said what was wrong already.
    if (!(error instanceof CommanderError)) process.stderr.write(`smoother: ${detailOf(error)}\n`);
    await exit(exitCodeOf(error));
  }
};

void main();
