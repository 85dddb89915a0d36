import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { TerraformStack, Testing } from 'cdktf';
import { providerVariables } from './find-providers.ts';

const succeeds = (program: string, ...args: readonly string[]): boolean => {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** Terraform's own answer, to a stack of nothing but the provider that ours names. */
const hasProvider = (): boolean => {
  const folder = mkdtempSync(join(tmpdir(), 'infra-provider-'));
  try {
    const stack = new TerraformStack(Testing.app({ outdir: join(folder, 'out') }), 'probe');
    new AwsProvider(stack, 'aws', { region: 'us-east-1' });
    const { terraform } = JSON.parse(Testing.synth(stack)) as Record<string, unknown>;
    writeFileSync(join(folder, 'probe.tf.json'), JSON.stringify({ terraform: requiredOnly(terraform) }));
    execFileSync('terraform', [`-chdir=${folder}`, 'init', '-input=false'], {
      stdio: 'ignore',
      env: { ...process.env, ...providerVariables(process.env, folder) },
    });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const requiredOnly = (terraform: unknown) => {
  const { required_providers } = terraform as { readonly required_providers: unknown };
  return { required_providers };
};

const isRequired = (variable: string): boolean => (process.env[variable] ?? '') !== '';

/** What this machine lacks, unless somebody relies on it. */
export const findAbsence = (): string | undefined => {
  const absences = [
    [
      'SMOOTHER_REQUIRE_TERRAFORM',
      'terraform, or no AWS provider for it,',
      succeeds('terraform', 'version') && hasProvider(),
    ],
    ['SMOOTHER_REQUIRE_MOTO', 'moto for python3', succeeds('python3', '-c', 'import moto.server')],
  ] as const;
  const missing = absences.filter(([, , isThere]) => !isThere);
  for (const [variable, what] of missing)
    if (isRequired(variable)) throw new Error(`${variable} is set, but there is no ${what} on this machine.`);
  return missing.length === 0 ? undefined : missing.map(([, what]) => what).join(' and ');
};
