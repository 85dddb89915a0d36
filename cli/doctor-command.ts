import { Command, Option } from 'commander';
import { processEnvironment } from '../functions/runtime/environment.ts';
import { UserError } from '../local/user-error.ts';
import { createCredentialSource } from '../shared/adapters/aws-credentials.ts';
import type { Settings } from '../shared/contract/settings.ts';
import { addTargetOptions, namedTarget, type TargetOptions } from './api-target.ts';
import { examine } from './doctor/examine.ts';
import { renderFindings, summaryOf } from './doctor/render-findings.ts';
import { exit } from './exit.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { paletteFor, print, printJson, say, tolerateClosedOutput } from './output.ts';
import { readSettings } from './read-settings.ts';

interface DoctorOptions extends TargetOptions {
  readonly aws?: true;
  readonly deployment?: true;
  readonly call?: true;
  readonly data: string;
  readonly context: readonly string[];
  readonly json?: true;
}

const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];

/** Faults of the settings are a finding like any other. */
const settingsOrFault = async (overrides: readonly string[]): Promise<Settings | Error> => {
  try {
    return await readSettings(process.cwd(), overrides);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
};

const doctor = async (options: DoctorOptions): Promise<void> => {
  tolerateClosedOutput();
  const env = processEnvironment();
  const findings = await examine({
    settings: await settingsOrFault(options.context),
    env,
    target: namedTarget(options, env),
    credentials: createCredentialSource,
    dataDir: options.data,
    isAwsAsked: options.aws === true,
    isDeployed: options.deployment === true,
    isCalled: options.call === true,
    nowMs: Date.now,
  });
  const isWell = findings.every(({ verdict }) => verdict !== 'failed');
  if (options.json === true) printJson({ ok: isWell, findings });
  else {
    print(renderFindings(findings, paletteFor(process.stdout)));
    say(summaryOf(findings));
  }
  await exit(isWell ? EXIT_CODES.ok : EXIT_CODES.someFailed);
};

export const createDoctorCommand = (): Command =>
  addTargetOptions(
    new Command('doctor').description(
      'Look for what is wrong with the machine, AWS or a pipeline, and say what to do.',
    ),
  )
    .option('--aws', 'AWS has to be usable: credentials, quotas, access to the models')
    .option('--deployment', 'also the queues, tables and bucket of a deployment, by its settings')
    .option('--call', 'call each model once, for one token, which is paid for')
    .option('--data <dir>', 'the data folder of local runs', '.smoother')
    .addOption(
      new Option('--context <name=json>', 'replace a setting of cdktf.json; may be repeated')
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--json', 'what was found as one line of JSON')
    .addHelpText(
      'after',
      '\nWith an endpoint it looks at that pipeline, else at this machine and at AWS where there are credentials.\nExit codes: 0 nothing failed, 1 something did, 2 usage.',
    )
    .action(doctor);
