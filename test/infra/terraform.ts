import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { providerVariables } from './find-providers.ts';

export interface Outcome {
  readonly code: number | null;
  /** Lines of JSON, each an event. */
  readonly output: string;
  /** The errors, one a line: what is empty went well. */
  readonly errors: readonly string[];
}

interface Event {
  readonly type?: string;
  readonly hook?: { readonly action?: string };
  readonly diagnostic?: { readonly severity: string; readonly summary: string; readonly address?: string };
}

/**
 * Takes the place of what only AWS can answer: whether the credentials are real. The state lies beside the stack,
 * whatever the settings say.
 */
const OVERRIDE = {
  terraform: { backend: { local: { path: 'terraform.tfstate' } } },
  provider: {
    aws: [
      {
        access_key: 'testing',
        secret_key: 'testing',
        skip_credentials_validation: true,
        skip_metadata_api_check: true,
        skip_region_validation: true,
        s3_use_path_style: true,
        max_retries: 2,
      },
    ],
  },
};

const eventsOf = (output: string): readonly Event[] =>
  output.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Event];
    } catch {
      return [];
    }
  });

const errorsOf = (output: string, stderr: string): readonly string[] => [
  ...eventsOf(output).flatMap(({ diagnostic }) =>
    diagnostic?.severity === 'error' ? [`${diagnostic.address ?? '-'}: ${diagnostic.summary}`] : [],
  ),
  ...(stderr === '' ? [] : [stderr]),
];

/** Resources that a run has created, changed or destroyed; what it only looked up is none. */
export const completedOf = ({ output }: Outcome): number =>
  eventsOf(output).filter(({ type, hook }) => type === 'apply_complete' && hook?.action !== 'read').length;

/** Terraform in one folder, against one AWS. */
export const createTerraform = (folder: string, endpoint: string) => {
  writeFileSync(join(folder, 'zz_override.tf.json'), JSON.stringify(OVERRIDE));
  return async (...args: readonly string[]): Promise<Outcome> => {
    const { AWS_PROFILE: _, AWS_SESSION_TOKEN: __, ...env } = process.env;
    const child = spawn('terraform', [`-chdir=${folder}`, ...args], {
      env: {
        ...env,
        ...providerVariables(env, folder),
        AWS_ENDPOINT_URL: endpoint,
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
        CHECKPOINT_DISABLE: '1',
        TF_IN_AUTOMATION: '1',
        TF_INPUT: '0',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [output, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number | null]>,
    ]);
    return { code, output, errors: errorsOf(output, stderr) };
  };
};

export type Terraform = ReturnType<typeof createTerraform>;
