import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type TerraformStack, Testing } from 'cdktf';
import { DeployerStack } from '../../stacks/deployer/deployer-stack.ts';
import { newFolder, type PolicyStatement, removeFolders, statementsOf } from './harness.ts';

const MAIN = resolve(__dirname, '../../stacks/deployer/main.ts');

afterAll(removeFolders);

const synth = (hasProvider = false) => {
  const stack: TerraformStack = new DeployerStack(Testing.app({ outdir: newFolder() }), 'deployer', {
    region: 'eu-west-1',
    repository: 'company/smoother',
    environment: 'production',
    stateBucket: 'company-state',
    stateKey: 'smoother*',
    hasProvider,
  });
  return JSON.parse(Testing.synth(stack, true)) as {
    readonly resource: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
    readonly output: object;
  };
};

const only = (type: string) => Object.values(synth().resource[type] ?? {})[0] ?? {};
const statements: readonly PolicyStatement[] = statementsOf(only('aws_iam_role_policy').policy);

describe('the role of the GitHub workflow', () => {
  it('is taken on by jobs of one environment of one repository, and by nobody else', () => {
    const { assume_role_policy } = only('aws_iam_role');

    expect(JSON.parse(String(assume_role_policy))).toMatchObject({
      Statement: [
        {
          Action: ['sts:AssumeRoleWithWebIdentity'],
          Condition: {
            StringEquals: {
              'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
              'token.actions.githubusercontent.com:sub': 'repo:company/smoother:environment:production',
            },
          },
        },
      ],
    });
  });

  it('has no access key', () => {
    expect(Object.keys(synth().resource).sort()).toEqual([
      'aws_iam_openid_connect_provider',
      'aws_iam_policy',
      'aws_iam_role',
      'aws_iam_role_policy',
    ]);
    expect(Object.keys(synth(true).resource)).not.toContain('aws_iam_openid_connect_provider');
  });

  it('may change only what carries our names, but for what has none', () => {
    const wide = statements.filter(
      ({ Effect, Resource }) => Effect === 'Allow' && Resource.some((resource) => !/smoother/.test(resource)),
    );

    expect(wide.map(({ Action }) => [...new Set(Action.map((action) => action.split(':')[0]))])).toEqual([
      ['cloudwatch'],
      ['kms'],
      ['kms'],
      ['kms'],
      ['iam'],
      ['apigateway'],
      ['lambda'],
      ['lambda'],
      ['lambda', 'logs', 'kms', 'sns', 'sts'],
      ['s3'],
    ]);
    expect(wide.at(-1)?.Resource).toEqual(['arn:aws:s3:::company-state']);
  });
});

describe('npm run synth:deployer', () => {
  const run = (...args: readonly string[]) => {
    const cwd = newFolder();
    const program = ['--import', require.resolve('tsx'), MAIN, ...args];
    return { cwd, ...spawnSync(process.execPath, program, { cwd, encoding: 'utf8' }) };
  };

  it('writes a stack of its own', () => {
    const { cwd, status } = run('--repository', 'company/smoother', '--state-bucket', 'company-state');

    expect(status).toBe(0);
    const written = readFileSync(join(cwd, 'cdktf.out/stacks/deployer/cdk.tf.json'), 'utf8');
    expect(written).toContain('role_arn');
    expect(written).toContain('arn:aws:s3:::company-state/smoother*');
  });

  it('lets the role keep a state that has a key of its own, and its lock', () => {
    const { cwd, status } = run(
      ...['--repository', 'company/smoother', '--state-bucket', 'company-state'],
      ...['--state-key', 'teams/a.tfstate'],
    );

    expect(status).toBe(0);
    expect(readFileSync(join(cwd, 'cdktf.out/stacks/deployer/cdk.tf.json'), 'utf8')).toContain(
      '\\"arn:aws:s3:::company-state/teams/a.tfstate\\",\\"arn:aws:s3:::company-state/teams/a.tfstate.tflock\\"',
    );
  });

  it('says what may be said, to whoever says something else', () => {
    const { status, stderr } = run('--state-buckets', 'company-state');

    expect(status).toBe(2);
    expect(stderr).toMatch(/^Unknown option '--state-buckets'/);
    expect(stderr.trim().split('\n').at(-1)).toMatch(
      /^Say `npm run synth:deployer -- --repository OWNER\/NAME /,
    );
  });

  it('names every fault', () => {
    const { status, stderr } = run('--repository', 'company');

    expect(status).toBe(2);
    expect(stderr.trim().split('\n')).toEqual([
      '--repository must be OWNER/NAME of the repository on GitHub, not `company`.',
      "--state-bucket must name the bucket of Terraform's state.",
    ]);
  });
});
