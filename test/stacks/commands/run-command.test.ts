import type { Contents } from '../../../stacks/commands/deployed-contents.ts';
import type { Removals } from '../../../stacks/commands/planned-removals.ts';
import { type Command, type CommandTools, runCommand } from '../../../stacks/commands/run-command.ts';
import { settingsOf } from '../harness.ts';

const EMPTY: Contents = { hasObjects: false, messages: {} };
const EMAIL = { notification_email: 'ops@company.test' };

interface World {
  readonly answer?: string;
  readonly contents?: Contents;
  readonly version?: string;
  readonly stateFile?: string;
  readonly topicArn?: string;
  readonly removals?: Removals;
  /** Exit codes of Terraform by its command; 0 unless named. */
  readonly codes?: Readonly<Record<string, number>>;
}

const run = async (command: Partial<Command> & Pick<Command, 'name'>, world: World = {}) => {
  const log: string[] = [];
  const tools: CommandTools = {
    terraformVersion: async () => world.version ?? '1.11.4',
    folder: 'cdktf.out/stacks/smoother',
    stateFile: () => world.stateFile,
    outputs: async () => (world.topicArn === undefined ? {} : { alarm_topic_arn: { value: world.topicArn } }),
    removals: async () => world.removals ?? { queues: [], stores: [] },
    messagesIn: async (urls) => {
      log.push(`count ${urls.join(' ')}`);
      return world.contents?.messages ?? {};
    },
    terraform: async (...args) => {
      log.push(`terraform ${args.join(' ')}`);
      return world.codes?.[args[0] ?? ''] ?? 0;
    },
    synthesize: async ({ isEmptied }) => {
      log.push(isEmptied ? 'synthesize, emptied' : 'synthesize');
    },
    contents: async () => world.contents ?? EMPTY,
    ask: async (question) => {
      log.push(`ask: ${question}`);
      return world.answer ?? '';
    },
    say: (sentence) => log.push(sentence),
  };
  const code = await runCommand(
    { settings: settingsOf(EMAIL), isSure: false, mayEmpty: false, ...command },
    tools,
  );
  return { code, log };
};

const INIT = 'terraform init -input=false -reconfigure';
const PLAN = 'terraform plan -input=false -detailed-exitcode -out=smoother.tfplan';
const ASK = 'ask: Apply this? Only `yes` is taken: ';
const APPLY = 'terraform apply -input=false smoother.tfplan';
const TOLD = 'Alarms go to ops@company.test, once the subscription that AWS mails there is confirmed.';
const CHANGES = { plan: 2 };

describe('deploy', () => {
  it.each(['ops@example.com', 'ops@mail.example.org'])('refuses %s, which nobody reads', async (email) => {
    const { code, log } = await run({ name: 'deploy', settings: settingsOf({ notification_email: email }) });

    expect(code).toBe(2);
    expect(log).toEqual([
      expect.stringMatching(/^notification_email is ops@\S+, which nobody reads: put the address/),
    ]);
  });

  it('plans, shows, asks, and applies just that', async () => {
    expect(await run({ name: 'deploy' }, { codes: CHANGES, answer: 'yes' })).toEqual({
      code: 0,
      log: ['synthesize', INIT, PLAN, ASK, APPLY, TOLD],
    });
  });

  it.each(['', 'y', 'no', 'YES'])('applies nothing after %j', async (answer) => {
    const { code, log } = await run({ name: 'deploy' }, { codes: CHANGES, answer });

    expect(code).toBe(2);
    expect(log.slice(3)).toEqual([ASK, 'Nothing was applied.']);
  });

  it('asks nobody who is sure', async () => {
    const { code, log } = await run({ name: 'deploy', isSure: true }, { codes: CHANGES });

    expect([code, log.slice(3)]).toEqual([0, [APPLY, TOLD]]);
  });

  it('has nothing to ask where nothing has changed', async () => {
    const { code, log } = await run({ name: 'deploy' });

    expect([code, log.slice(3)]).toEqual([0, ['Nothing has changed.']]);
  });

  it.each([
    ['init', 1],
    ['plan', 1],
  ])('ends where %s fails', async (step, exit) => {
    const { code, log } = await run({ name: 'deploy', isSure: true }, { codes: { [step]: exit } });

    expect(code).toBe(1);
    expect(log).not.toContain(APPLY);
  });

  it('fails where the plan cannot be applied', async () => {
    expect((await run({ name: 'deploy', isSure: true }, { codes: { plan: 2, apply: 1 } })).code).toBe(1);
  });
});

describe('a deployment that would lose something', () => {
  const POOL = { queues: ['https://sqs/hold-old-low-express', 'https://sqs/parked-old'], stores: [] };

  it('is not applied while messages lie in a queue that goes', async () => {
    const contents: Contents = { hasObjects: true, messages: { 'smoother-hold-old-low-express': 7 } };

    expect(await run({ name: 'deploy', isSure: true }, { codes: CHANGES, removals: POOL, contents })).toEqual(
      {
        code: 2,
        log: [
          'synthesize',
          INIT,
          PLAN,
          'count https://sqs/hold-old-low-express https://sqs/parked-old',
          'Nothing was applied, for it would be lost: 7 messages lie in smoother-hold-old-low-express. Keep that pool in `models` until its queues are empty: docs/operations.md#removing-a-pool.',
        ],
      },
    );
  });

  it('is applied where they are empty', async () => {
    const { code, log } = await run({ name: 'deploy', isSure: true }, { codes: CHANGES, removals: POOL });

    expect([code, log.at(-2)]).toEqual([0, APPLY]);
  });

  it('is not applied where a table or the bucket goes', async () => {
    const removals = { queues: [], stores: ['smoother-requests', 'smoother-reporting'] };
    const { code, log } = await run({ name: 'deploy', isSure: true }, { codes: CHANGES, removals });

    expect([code, log.at(-1)]).toEqual([
      2,
      'Nothing was applied, for the plan removes smoother-requests and smoother-reporting with all that lies there: take back what changed its name, or remove the whole deployment with `npm run destroy`.',
    ]);
  });
});

describe.each(['deploy', 'diff', 'destroy'] as const)('%s', (name) => {
  const STATE = { terraform_state: { bucket: 'company-state' } };

  it.each(['1.9.8', '0.15.5'])('refuses Terraform %s', async (version) => {
    expect(await run({ name }, { version })).toEqual({
      code: 2,
      log: [
        `Terraform ${version} is on the PATH and 1.10 is needed: install that or a newer one, https://developer.hashicorp.com/terraform/install.`,
      ],
    });
  });

  it.each(['1.10.0', '1.11.4', '2.0.0'])('takes Terraform %s', async (version) => {
    expect((await run({ name }, { version })).log).toContain(INIT);
  });

  it('refuses another region than the deployment lies in', async () => {
    const { code, log } = await run(
      { name },
      { topicArn: 'arn:aws:sns:eu-west-1:123456789012:smoother-alarms' },
    );

    expect([code, log.slice(2)]).toEqual([
      2,
      [
        'This deployment lies in eu-west-1 and aws_region is us-east-1, where all of it would be made anew while the old one is forgotten: set aws_region to eu-west-1, or name another `environment`.',
      ],
    ]);
  });

  it('refuses to look in S3 for a state that lies in a file', async () => {
    const settings = settingsOf({ ...EMAIL, ...STATE });

    expect(await run({ name, settings }, { stateFile: '/project/terraform.smoother.tfstate' })).toEqual({
      code: 2,
      log: [
        'synthesize',
        'What is deployed is written down in /project/terraform.smoother.tfstate, and terraform_state names the bucket company-state: move it there with `terraform -chdir=cdktf.out/stacks/smoother init -reconfigure` and `terraform -chdir=cdktf.out/stacks/smoother state push /project/terraform.smoother.tfstate`, and remove the file.',
      ],
    });
  });

  it('goes on where the state lies where the settings say', async () => {
    expect((await run({ name }, { stateFile: '/project/terraform.smoother.tfstate' })).log).toContain(INIT);
    expect((await run({ name, settings: settingsOf({ ...EMAIL, ...STATE }) })).log).toContain(INIT);
  });
});

describe('diff', () => {
  it.each([
    [0, 0],
    [2, 3],
    [1, 1],
  ])('after a plan that ends with %d ends with %d, and applies nothing', async (plan, expected) => {
    expect(await run({ name: 'diff' }, { codes: { plan } })).toEqual({
      code: expected,
      log: ['synthesize', INIT, PLAN],
    });
  });
});

describe('destroy', () => {
  const FULL: Contents = { hasObjects: true, messages: { 'smoother-results': 7, 'smoother-input': 1 } };
  const DESTROY = 'terraform destroy -input=false -auto-approve';
  const ASK_REMOVE = 'ask: Remove the whole deployment? Only `yes` is taken: ';

  it('removes nothing while anything lies in the bucket or a queue', async () => {
    expect(await run({ name: 'destroy', isSure: true }, { contents: FULL })).toEqual({
      code: 2,
      log: [
        'synthesize',
        INIT,
        'Nothing was removed, for it would be lost: objects lie in the bucket, 7 messages lie in smoother-results, 1 message lies in smoother-input. With --empty all of it goes, for good.',
      ],
    });
  });

  it('empties what it is told to, and says so', async () => {
    expect(await run({ name: 'destroy', mayEmpty: true }, { contents: FULL, answer: 'yes' })).toEqual({
      code: 0,
      log: [
        'synthesize, emptied',
        INIT,
        'It will be lost for good: objects lie in the bucket, 7 messages lie in smoother-results, 1 message lies in smoother-input, and all items of the tables.',
        ASK_REMOVE,
        'terraform apply -input=false -auto-approve -target=aws_s3_bucket.bedrock_calls',
        DESTROY,
      ],
    });
  });

  it('removes what is empty', async () => {
    const { code, log } = await run({ name: 'destroy' }, { answer: 'yes' });

    expect([code, log.slice(2)]).toEqual([
      0,
      ['The bucket and the queues are empty; the tables go with all their items.', ASK_REMOVE, DESTROY],
    ]);
  });

  it('removes nothing that was not agreed to', async () => {
    const { code, log } = await run({ name: 'destroy', mayEmpty: true }, { contents: FULL, answer: 'no' });

    expect([code, log.slice(3)]).toEqual([2, [ASK_REMOVE, 'Nothing was removed.']]);
  });

  it('removes nothing that is protected', async () => {
    const settings = settingsOf({ ...EMAIL, deletion_protection: true });

    expect(await run({ name: 'destroy', isSure: true, mayEmpty: true, settings })).toEqual({
      code: 2,
      log: ['deletion_protection is set: put `false` into cdktf.json, deploy that, and say this again.'],
    });
  });

  it('fails where Terraform does', async () => {
    expect((await run({ name: 'destroy', isSure: true }, { codes: { destroy: 1 } })).code).toBe(1);
    expect((await run({ name: 'destroy', isSure: true, mayEmpty: true }, { codes: { apply: 1 } })).code).toBe(
      1,
    );
  });
});
