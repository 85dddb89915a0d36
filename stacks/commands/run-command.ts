import type { DeployableSettings } from '../settings.ts';

export type CommandName = 'deploy' | 'diff' | 'destroy';

/** What still lies in a deployment: reasons not to remove it. */
export interface Contents {
  /** Objects in the bucket, or old versions of them. */
  readonly hasObjects: boolean;
  /** Messages by queue, of those that hold some. */
  readonly messages: Readonly<Record<string, number>>;
}

export interface CommandTools {
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

const hasChanges = async (terraform: CommandTools['terraform']): Promise<boolean | undefined> => {
  if ((await terraform('init', '-input=false')) !== 0) return undefined;
  const code = await terraform('plan', '-input=false', '-detailed-exitcode', `-out=${PLAN}`);
  return code === 0 || code === CHANGES ? code === CHANGES : undefined;
};

const isAgreed = async ({ isSure }: Command, question: string, { ask }: CommandTools): Promise<boolean> =>
  isSure || (await ask(`${question} Only \`yes\` is taken: `)).trim() === 'yes';

const deploy = async (command: Command, tools: CommandTools): Promise<ExitCode> => {
  const { notification_email: email } = command.settings;
  if (NOBODYS_ADDRESS.test(email)) {
    tools.say(
      `notification_email is ${email}, which nobody reads: put the address that alarms are to reach into cdktf.json, or say --context notification_email=you@your-company.com.`,
    );
    return 2;
  }
  await tools.synthesize({ isEmptied: false });
  const changes = await hasChanges(tools.terraform);
  if (changes === undefined) return 1;
  if (!changes) {
    tools.say('Nothing has changed.');
    return 0;
  }
  if (!(await isAgreed(command, 'Apply this?', tools))) {
    tools.say('Nothing was applied.');
    return 2;
  }
  if ((await tools.terraform('apply', '-input=false', PLAN)) !== 0) return 1;
  tools.say(`AWS has written to ${email}: alarms come once the subscription is confirmed there.`);
  return 0;
};

const diff = async (tools: CommandTools): Promise<ExitCode> => {
  await tools.synthesize({ isEmptied: false });
  const changes = await hasChanges(tools.terraform);
  if (changes === undefined) return 1;
  return changes ? 3 : 0;
};

const toWords = ({ hasObjects, messages }: Contents): readonly string[] => [
  ...(hasObjects ? ['objects lie in the bucket'] : []),
  ...Object.entries(messages).map(
    ([queue, count]) => `${count === 1 ? '1 message lies' : `${count} messages lie`} in ${queue}`,
  ),
];

const destroy = async (command: Command, tools: CommandTools): Promise<ExitCode> => {
  if (command.settings.deletion_protection) {
    tools.say('deletion_protection is set: put `false` into cdktf.json, deploy that, and say this again.');
    return 2;
  }
  await tools.synthesize({ isEmptied: command.mayEmpty });
  if ((await tools.terraform('init', '-input=false')) !== 0) return 1;
  const words = toWords(await tools.contents());
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
  return command.name === 'diff' ? diff(tools) : destroy(command, tools);
};
