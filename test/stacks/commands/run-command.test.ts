import {
  type Command,
  type CommandTools,
  type Contents,
  runCommand,
} from '../../../stacks/commands/run-command.ts';
import { settingsOf } from '../harness.ts';

const EMPTY: Contents = { hasObjects: false, messages: {} };
const EMAIL = { notification_email: 'ops@company.test' };

interface World {
  readonly answer?: string;
  readonly contents?: Contents;
  /** Exit codes of Terraform by its command; 0 unless named. */
  readonly codes?: Readonly<Record<string, number>>;
}

const run = async (command: Partial<Command> & Pick<Command, 'name'>, world: World = {}) => {
  const log: string[] = [];
  const tools: CommandTools = {
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

const PLAN = 'terraform plan -input=false -detailed-exitcode -out=smoother.tfplan';
const ASK = 'ask: Apply this? Only `yes` is taken: ';
const APPLY = 'terraform apply -input=false smoother.tfplan';
const TOLD = 'AWS has written to ops@company.test: alarms come once the subscription is confirmed there.';
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
      log: ['synthesize', 'terraform init -input=false', PLAN, ASK, APPLY, TOLD],
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

describe('diff', () => {
  it.each([
    [0, 0],
    [2, 3],
    [1, 1],
  ])('after a plan that ends with %d ends with %d, and applies nothing', async (plan, expected) => {
    expect(await run({ name: 'diff' }, { codes: { plan } })).toEqual({
      code: expected,
      log: ['synthesize', 'terraform init -input=false', PLAN],
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
        'terraform init -input=false',
        'Nothing was removed, for it would be lost: objects lie in the bucket, 7 messages lie in smoother-results, 1 message lies in smoother-input. With --empty all of it goes, for good.',
      ],
    });
  });

  it('empties what it is told to, and says so', async () => {
    expect(await run({ name: 'destroy', mayEmpty: true }, { contents: FULL, answer: 'yes' })).toEqual({
      code: 0,
      log: [
        'synthesize, emptied',
        'terraform init -input=false',
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
