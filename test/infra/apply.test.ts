import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Moto, startMoto } from './moto.ts';
import { findAbsence } from './requirements.ts';
import { completedOf, createTerraform, type Outcome, type Terraform } from './terraform.ts';

const PROJECT_ROOT = resolve(__dirname, '../..');
const STATE = 'terraform.tfstate';
const TIMEOUT_MS = 600_000;

/** Every option that creates something, and two pools of different kinds. */
const CONTEXT = {
  environment: 'staging',
  kms_key: 'create',
  tags: { Team: 'platform' },
  cors_origins: ['https://app.example.com'],
  input_queue_senders: ['123456789012'],
  api_authorization: 'jwt',
  jwt: { issuer: 'https://issuer.example.com', audience: ['smoother'] },
  function_url: true,
  spend_alarm_usd_per_hour: 5,
  monthly_budget_usd: 50,
  permissions_boundary: 'arn:aws:iam::123456789012:policy/smoother-deployer-boundary-us-east-1',
};

const folders: string[] = [];

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'infra-'));
  folders.push(folder);
  return folder;
};

/** The folder of what a program writes where nobody has been before. */
const run = (main: string, ...args: readonly string[]): string => {
  const cwd = newFolder();
  const program = ['--import', require.resolve('tsx'), join(PROJECT_ROOT, main), ...args];
  const { status, stderr } = spawnSync(process.execPath, program, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the synthesis failed: ${stderr}`);
  return join(cwd, 'cdktf.out/stacks');
};

const synthesize = (context: Readonly<Record<string, unknown>>): string => {
  const overrides = Object.entries(context).map(
    ([name, value]) => `--context=${name}=${JSON.stringify(value)}`,
  );
  return join(run('stacks/main.ts', ...overrides), 'smoother');
};

const synthesizeDeployer = (): string =>
  join(
    run('stacks/deployer/main.ts', '--repository=company/smoother', '--state-bucket=company-state'),
    'deployer',
  );

interface Life {
  readonly applied: Outcome;
  readonly planned: Outcome;
  readonly destroyed: Outcome;
  readonly outputs: unknown;
}

/** From nothing to nothing. */
const liveThrough = async (folder: string, endpoint: string): Promise<Life> => {
  const terraform = createTerraform(folder, endpoint);
  await terraform('init', '-no-color');
  const applied = await terraform('apply', '-json', '-auto-approve');
  const { outputs } = JSON.parse(readFileSync(join(folder, STATE), 'utf8')) as { readonly outputs: unknown };
  const planned = await terraform('plan', '-json', '-detailed-exitcode');
  const destroyed = await terraform('destroy', '-json', '-auto-approve', '-refresh=false');
  return { applied, planned, destroyed, outputs };
};

const countOf = (folder: string): number => {
  const { resource } = JSON.parse(readFileSync(join(folder, 'cdk.tf.json'), 'utf8')) as {
    readonly resource: Readonly<Record<string, object>>;
  };
  return Object.values(resource).reduce((total, named) => total + Object.keys(named).length, 0);
};

const absence = findAbsence();
const describeHere = absence === undefined ? describe : describe.skip;

if (absence !== undefined) process.stderr.write(`Terraform is not run: there is no ${absence} here.\n`);

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** One after the other: each begins where the one before ended. */
describeHere('the stack, applied for real', () => {
  let moto: Moto;
  let folder: string;
  let terraform: Terraform;
  let role: Life | undefined;

  beforeAll(async () => {
    moto = await startMoto();
    folder = synthesize(CONTEXT);
    terraform = createTerraform(folder, moto.endpoint);
    expect(await terraform('init', '-no-color')).toMatchObject({ code: 0, errors: [] });
  }, TIMEOUT_MS);

  afterAll(() => moto?.stop());

  it(
    'is valid',
    async () => {
      const { code, output } = await terraform('validate', '-json');

      expect(JSON.parse(output)).toMatchObject({ error_count: 0, warning_count: 0, diagnostics: [] });
      expect(code).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'is created, every resource of it',
    async () => {
      // The provider mostly waits here, and what is created beside it costs no time.
      const [applied, beside] = await Promise.all([
        terraform('apply', '-json', '-auto-approve', '-parallelism=40'),
        liveThrough(synthesizeDeployer(), moto.endpoint),
      ]);
      role = beside;

      expect(applied.errors).toEqual([]);
      expect([applied.code, completedOf(applied)]).toEqual([0, countOf(folder)]);
    },
    TIMEOUT_MS,
  );

  it(
    'needs no change after that, nor when the same code is built in another folder',
    async () => {
      const other = synthesize(CONTEXT);
      cpSync(join(folder, STATE), join(other, STATE));
      const there = createTerraform(other, moto.endpoint);
      expect(await there('init', '-no-color')).toMatchObject({ code: 0, errors: [] });
      const plan = ['plan', '-json', '-detailed-exitcode', '-lock=false', '-parallelism=40'];

      const [here, elsewhere] = [await terraform(...plan), await there(...plan)];

      // 2 would be: there are changes.
      expect([here.errors, elsewhere.errors]).toEqual([[], []]);
      expect([here.code, elsewhere.code]).toEqual([0, 0]);
    },
    TIMEOUT_MS,
  );

  it(
    'is removed, every resource of it',
    async () => {
      const destroyed = await terraform('destroy', '-json', '-auto-approve', '-parallelism=40');
      const left = await terraform('state', 'list');

      expect(destroyed.errors).toEqual([]);
      expect([destroyed.code, completedOf(destroyed)]).toEqual([0, countOf(folder)]);
      expect(left.output).toBe('');
    },
    TIMEOUT_MS,
  );

  it('stands beside that of the role that deploys, which is created, tells its ARNs, needs no change and is removed, too', () => {
    const { applied, planned, destroyed, outputs } = role ?? {};

    expect([applied?.errors, planned?.errors, destroyed?.errors]).toEqual([[], [], []]);
    expect([applied?.code, planned?.code, destroyed?.code]).toEqual([0, 0, 0]);
    expect([applied, destroyed].map((outcome) => outcome && completedOf(outcome))).toEqual([4, 4]);
    expect(outputs).toMatchObject({
      role_arn: { value: 'arn:aws:iam::123456789012:role/smoother-deployer-us-east-1' },
      boundary_arn: { value: CONTEXT.permissions_boundary },
    });
  });
});

describeHere('the stack with the settings of cdktf.json', () => {
  it(
    'is valid too',
    async () => {
      const terraform = createTerraform(synthesize({}), 'http://127.0.0.1:9');
      expect(await terraform('init', '-no-color')).toMatchObject({ code: 0, errors: [] });
      const { output } = await terraform('validate', '-json');

      expect(JSON.parse(output)).toMatchObject({ error_count: 0, warning_count: 0, diagnostics: [] });
    },
    TIMEOUT_MS,
  );
});
