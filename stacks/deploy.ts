import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import type { Settings } from '../shared/contract/settings.ts';
import { createContentsClients, readContents, readMessages } from './commands/deployed-contents.ts';
import { removalsOf } from './commands/planned-removals.ts';
import { type Command, type CommandName, type CommandTools, runCommand } from './commands/run-command.ts';
import { readOutputs, readPlan, readVersion, runTerraform } from './commands/terraform.ts';
import { readDeployment } from './read-deployment.ts';
import { STACK_NAME } from './synthesize.ts';
import { stateFile } from './terraform-settings.ts';
import { writeStack } from './write-stack.ts';

const PROJECT_ROOT = resolve(__dirname, '..');

/** Where the stack lies, and Terraform's state beside it is found: in the project, wherever this is called. */
const OUT_FOLDER = join(PROJECT_ROOT, 'cdktf.out');
const STACK_FOLDER = join(OUT_FOLDER, 'stacks', STACK_NAME);

const COMMANDS: readonly CommandName[] = ['deploy', 'diff', 'destroy'];

type ParsedCommand =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly faults: readonly string[] };

const USAGE = 'Say `npm run deploy|diff|destroy -- [--yes] [--empty] [--context NAME=JSON]…`.';

const parseCommand = (): ParsedCommand => {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        context: { type: 'string', multiple: true },
        yes: { type: 'boolean' },
        empty: { type: 'boolean' },
      },
    });
    const name = COMMANDS.find((known) => known === positionals[0]);
    if (name === undefined || positionals.length > 1)
      return { ok: false, faults: [`Say one of ${COMMANDS.join(', ')}, not \`${positionals.join(' ')}\`.`] };
    if (values.empty === true && name !== 'destroy')
      return { ok: false, faults: [`--empty is for destroy; ${name} empties nothing.`] };
    const read = readDeployment(PROJECT_ROOT, values.context ?? []);
    if (!read.ok) return read;
    const { settings } = read;
    return {
      ok: true,
      command: { name, settings, isSure: values.yes ?? false, mayEmpty: values.empty ?? false },
    };
  } catch (error) {
    return { ok: false, faults: [(error as Error).message, USAGE] };
  }
};

const ask = async (question: string): Promise<string> => {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    // Where nobody is to answer, the input ends and nothing was agreed to.
    const closed = new Promise<string>((done) => terminal.once('close', () => done('')));
    return await Promise.race([terminal.question(question), closed]);
  } finally {
    terminal.close();
  }
};

/** The path of what Terraform has written there; it leaves a state of nothing when that was removed, or moved to S3. */
const stateFileOf = ({ environment }: Settings): string | undefined => {
  const file = resolve(STACK_FOLDER, stateFile(environment));
  if (!existsSync(file)) return undefined;
  const { resources = [] } = JSON.parse(readFileSync(file, 'utf8')) as { readonly resources?: unknown[] };
  return resources.length === 0 ? undefined : file;
};

const toolsOf = ({ settings }: Command): CommandTools => ({
  terraformVersion: readVersion,
  folder: relative(process.cwd(), STACK_FOLDER),
  stateFile: () => stateFileOf(settings),
  outputs: () => readOutputs(STACK_FOLDER),
  removals: async (plan) => removalsOf(await readPlan(STACK_FOLDER, plan)),
  messagesIn: (urls) => readMessages(settings.aws_region, urls),
  terraform: runTerraform(STACK_FOLDER),
  synthesize: async ({ isEmptied }) => {
    await writeStack({ projectRoot: PROJECT_ROOT, settings, isEmptied, outdir: OUT_FOLDER });
  },
  contents: async () =>
    readContents(createContentsClients(settings.aws_region), await readOutputs(STACK_FOLDER)),
  ask,
  say: (sentence) => console.log(sentence),
});

const main = async (): Promise<void> => {
  const parsed = parseCommand();
  if (parsed.ok) {
    process.exitCode = await runCommand(parsed.command, toolsOf(parsed.command));
    return;
  }
  for (const fault of parsed.faults) console.error(fault);
  process.exitCode = 2;
};

main().catch((error: unknown) => {
  console.error(
    `It failed: ${error instanceof Error ? error.message : String(error)}.`.replace(/\.\.$/, '.'),
  );
  process.exitCode = 1;
});
