import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { TerraformStack, Testing } from 'cdktf';
import type { FunctionName } from '../../shared/contract/functions.ts';
import type { Settings } from '../../shared/contract/settings.ts';
import { type LambdaArchives, writeArchive } from '../../stacks/lambda-archive.ts';
import { type DeployableSettings, toDeployableSettings } from '../../stacks/settings.ts';
import { SmootherStack } from '../../stacks/smoother-stack.ts';

export type Attributes = Readonly<Record<string, unknown>>;

/** A synthesized stack, as text for the matchers and as data for everything else. */
export interface Synthesized {
  readonly text: string;
  readonly resources: Readonly<Record<string, Readonly<Record<string, Attributes>>>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly providers: Readonly<Record<string, readonly Attributes[]>>;
}

const folders: string[] = [];

export const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'stacks-test-'));
  folders.push(folder);
  return folder;
};

export const removeFolders = (): void => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
};

export const settingsOf = (context: Attributes = {}): DeployableSettings => {
  const read = toDeployableSettings({ notification_email: 'ops@example.com', ...context }, []);
  if (!read.ok) throw new Error(read.faults.join(' '));
  return read.settings;
};

/** As the functions know them: without what only the deployment asks for. */
export const functionSettingsOf = (context: Attributes): Settings => {
  const { notification_email: _, ...settings } = settingsOf(context);
  return settings;
};

/** Two pools: a model behind a system profile, and one that is called directly. */
export const TWO_POOLS = {
  models: {
    haiku: {
      model_id: 'us.anthropic.claude-haiku-4-5-20251001-v1:0',
      quota: { tokens_per_minute: 2_000_000 },
    },
    'nova-lite': { model_id: 'amazon.nova-lite-v1:0', quota: { tokens_per_minute: 100_000 } },
  },
};

export const archivesIn = (folder: string): LambdaArchives => {
  const write = (name: FunctionName) => writeArchive(folder, name, Buffer.from(`exports.name = '${name}';`));
  return {
    ingestion: write('ingestion'),
    prioritization: write('prioritization'),
    splitter: write('splitter'),
    reconciler: write('reconciler'),
    query: write('query'),
    notification: write('notification'),
  };
};

const toSynthesized = (stack: TerraformStack): Synthesized => {
  const text = Testing.synth(stack, true);
  const { resource, output, provider } = JSON.parse(text) as Record<string, never>;
  return { text, resources: resource ?? {}, outputs: output ?? {}, providers: provider ?? {} };
};

export const synthConstruct = (build: (stack: TerraformStack) => void): Synthesized => {
  const stack = new TerraformStack(Testing.app({ outdir: newFolder() }), 'stack');
  new AwsProvider(stack, 'aws', { region: 'us-east-1' });
  build(stack);
  return toSynthesized(stack);
};

export const synthStack = (settings: DeployableSettings): Synthesized =>
  toSynthesized(
    new SmootherStack(Testing.app({ outdir: newFolder() }), 'smoother', {
      settings,
      archives: archivesIn(newFolder()),
    }),
  );

/** An expression of Terraform. */
export const ref = (address: string): string => `\${${address}}`;

/** Every resource of a type with the name it has in Terraform. */
export const resourcesOf = (
  { resources }: Synthesized,
  type: string,
): readonly (readonly [name: string, attributes: Attributes])[] => Object.entries(resources[type] ?? {});

/** The one resource of a type whose attribute has the value. */
export const resourceWith = (
  synthesized: Synthesized,
  type: string,
  [attribute, value]: readonly [string, unknown],
): Attributes => {
  const [found, ...others] = resourcesOf(synthesized, type).filter(
    ([, attributes]) => attributes[attribute] === value,
  );
  if (found === undefined || others.length > 0)
    throw new Error(`${others.length + (found ? 1 : 0)} ${type} with ${attribute} = ${String(value)}`);
  return found[1];
};

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: unknown;
}

export const statementsOf = (policy: unknown): readonly PolicyStatement[] =>
  (JSON.parse(String(policy)) as { readonly Statement: readonly PolicyStatement[] }).Statement;
