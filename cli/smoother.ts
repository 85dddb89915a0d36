import { Command, CommanderError } from 'commander';
import { silenceSdkNodeWarning } from '../functions/runtime/environment.ts';
import { UserError } from '../local/user-error.ts';
import packageJson from '../package.json';
import { createSimulateCommand } from './simulate-command.ts';
import { createStartCommand } from './start-command.ts';

/** 0 done, 2 for what only the user can mend, 1 for what should not have happened. */
const exitCodeOf = (error: unknown): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return error instanceof UserError ? 2 : 1;
};

const main = async (): Promise<void> => {
  silenceSdkNodeWarning();
  const program = new Command('smoother')
    .description('A durable queue and an honest governor in front of Amazon Bedrock.')
    .version(packageJson.version)
    .exitOverride();
  for (const command of [createStartCommand(), createSimulateCommand()])
    program.addCommand(command.exitOverride());
  try {
    await program.parseAsync();
  } catch (error) {
    // Commander has said what was wrong already.
    if (!(error instanceof CommanderError)) {
      const detail = error instanceof UserError ? error.message : (error as Error).stack;
      process.stderr.write(`smoother: ${detail}\n`);
    }
    process.exit(exitCodeOf(error));
  }
};

void main();
