import type { DeployableSettings } from '../settings.ts';
import { regionFault, stateFault, versionFault } from './before-plan.ts';
import type { Contents, Outputs } from './deployed-contents.ts';
import type { Removals } from './planned-removals.ts';

export type CommandName = 'deploy' | 'diff' | 'destroy';

export interface CommandTools {
  readonly terraformVersion: () => Promise<string>;
  /** Where the stack lies, and Terraform runs. */
  readonly folder: string;
  /** The file in which Terraform keeps the state of this deployment unless it does in S3; nothing where there is none. */
  readonly stateFile: () => string | undefined;
  /** Of the deployment as the state has it. */
  readonly outputs: () => Promise<Outputs>;
  /** What the plan that was written would remove. */
  readonly removals: (plan: string) => Promise<Removals>;
  /** Messages by queue, of those of these URLs that hold some. */
  readonly messagesIn: (urls: readonly string[]) => Promise<Contents['messages']>;
  /** Runs Terraform in the stack's folder, its output on the terminal; answers with its exit code. */
  readonly terraform: (...args: readonly string[]) => Promise<number>;
  readonly synthesize: (options: { readonly isEmptied: boolean }) => Promise<void>;
  readonly contents: () => Promise<Contents>;
  readonly ask: (question: string) => Promise<string>;
  readonly say: (sentence: string) => void;
}

export interface Command {
  readonly name: CommandName;
  readonly settings: DeployableSettings;
  /** Whether nobody is asked. */
  readonly isSure: boolean;
  /** Whether what lies in the bucket and the queues may be lost. */
  readonly mayEmpty: boolean;
}

/** 0: done; 1: something failed; 2: the caller has to change something; `diff` answers 3 where there are changes. */
export type ExitCode = 0 | 1 | 2 | 3;

const PLAN = 'smoother.tfplan';

/** Terraform's own, of `plan -detailed-exitcode`. */
const CHANGES = 2;

/** Kept for documentation by RFC 2606: nobody reads what is sent there. */
const NOBODYS_ADDRESS = /@(.+\.)?example\.(com|net|org)$/i;

/** Writes the stack and has Terraform look at its state; an exit code where that is as far as it goes. */
const prepare = async (
  { settings, ...command }: Command,
  tools: CommandTools,
): Promise<ExitCode | undefined> => {
  const refuse = (fault: string): ExitCode => {
    tools.say(fault);
    return 2;
  };
  const old = versionFault(await tools.terraformVersion());
  if (old !== undefined) return refuse(old);
  await tools.synthesize({ isEmptied: command.name === 'destroy' && command.mayEmpty });
  const stranded = stateFault(tools.stateFile(), tools.folder, settings);
  if (stranded !== undefined) return refuse(stranded);
  // The folder remembers where another environment's state lies; that is no state to move here.
  if ((await tools.terraform('init', '-input=false', '-reconfigure')) !== 0) return 1;
  const elsewhere = regionFault(await tools.outputs(), settings);
  return elsewhere === undefined ? undefined : refuse(elsewhere);
};

const hasChanges = async (terraform: CommandTools['terraform']): Promise<boolean | undefined> => {
  const code = await terraform('plan', '-input=false', '-detailed-exitcode', `-out=${PLAN}`);
  return code === 0 || code === CHANGES ? code === CHANGES : undefined;
};

const isAgreed = async ({ isSure }: Command, question: string, { ask }: CommandTools): Promise<boolean> =>
  isSure || (await ask(`${question} Only \`yes\` is taken: `)).trim() === 'yes';

const toWords = (messages: Contents['messages']): readonly string[] =>
  Object.entries(messages).map(
    ([queue, count]) => `${count === 1 ? '1 message lies' : `${count} messages lie`} in ${queue}`,
  );

/** A sentence where the plan would remove what holds something: a deployment that goes on loses nothing. */
const lossFault = async ({ removals, messagesIn }: CommandTools): Promise<string | undefined> => {
  const { queues, stores } = await removals(PLAN);
  if (stores.length > 0)
    return `Nothing was applied, for the plan removes ${stores.join(' and ')} with all that lies there: take back what changed its name, or remove the whole deployment with \`npm run destroy\`.`;
  const messages = queues.length === 0 ? [] : toWords(await messagesIn(queues));
  return messages.length === 0
    ? undefined
    : `Nothing was applied, for it would be lost: ${messages.join(', ')}. Keep that pool in \`models\` until its queues are empty: docs/operations.md#removing-a-pool.`;
};

const deploy = async (command: Command, tools: CommandTools): Promise<ExitCode> => {
  const { notification_email: email } = command.settings;
  if (NOBODYS_ADDRESS.test(email)) {
    tools.say(
      `notification_email is ${email}, which nobody reads: put the address that alarms are to reach into cdktf.json, or say --context notification_email=you@your-company.com.`,
    );
    return 2;
  }
  const ended = await prepare(command, tools);
  if (ended !== undefined) return ended;
  const changes = await hasChanges(tools.terraform);
  if (changes === undefined) return 1;
  if (!changes) {
    tools.say('Nothing has changed.');
    return 0;
  }
  const loss = await lossFault(tools);
  if (loss !== undefined) {
    tools.say(loss);
    return 2;
  }
  if (!(await isAgreed(command, 'Apply this?', tools))) {
    tools.say('Nothing was applied.');
    return 2;
  }
  if ((await tools.terraform('apply', '-input=false', PLAN)) !== 0) return 1;
  tools.say(`Alarms go to ${email}, once the subscription that AWS mails there is confirmed.`);
  return 0;
};

const diff = async (command: Command, tools: CommandTools): Promise<ExitCode> => {
  const ended = await prepare(command, tools);
  if (ended !== undefined) return ended;
  const changes = await hasChanges(tools.terraform);
  if (changes === undefined) return 1;
  return changes ? 3 : 0;
};

const contentsInWords = ({ hasObjects, messages }: Contents): readonly string[] => [
  ...(hasObjects ? ['objects lie in the bucket'] : []),
  ...toWords(messages),
];

const destroy = async (command: Command, tools: CommandTools): Promise<ExitCode> => {
  if (command.settings.deletion_protection) {
    tools.say('deletion_protection is set: put `false` into cdktf.json, deploy that, and say this again.');
    return 2;
  }
  const ended = await prepare(command, tools);
  if (ended !== undefined) return ended;
  const words = contentsInWords(await tools.contents());
  if (words.length > 0 && !command.mayEmpty) {
    tools.say(
      `Nothing was removed, for it would be lost: ${words.join(', ')}. With --empty all of it goes, for good.`,
    );
    return 2;
  }
  tools.say(
    words.length === 0
      ? 'The bucket and the queues are empty; the tables go with all their items.'
      : `It will be lost for good: ${words.join(', ')}, and all items of the tables.`,
  );
  if (!(await isAgreed(command, 'Remove the whole deployment?', tools))) {
    tools.say('Nothing was removed.');
    return 2;
  }
  // That the bucket may be emptied has to stand in the state before Terraform removes it.
  const allow = ['apply', '-input=false', '-auto-approve', '-target=aws_s3_bucket.bedrock_calls'];
  if (command.mayEmpty && (await tools.terraform(...allow)) !== 0) return 1;
  return (await tools.terraform('destroy', '-input=false', '-auto-approve')) === 0 ? 0 : 1;
};

export const runCommand = (command: Command, tools: CommandTools): Promise<ExitCode> => {
  if (command.name === 'deploy') return deploy(command, tools);
  return command.name === 'diff' ? diff(command, tools) : destroy(command, tools);
};
