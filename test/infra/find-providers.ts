import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const AWS = join('hashicorp', 'aws');

/** Where machines keep a mirror of Terraform's providers, for want of a network. */
const SHELVES = [
  '/opt',
  '/usr/local/share',
  '/usr/local/lib',
  '/usr/share',
  '/var/lib',
  join(homedir(), '.terraform.d'),
];

const foldersIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
};

const isMirror = (folder: string): boolean => foldersIn(folder).some((host) => existsSync(join(host, AWS)));

/**
 * The variables by which Terraform finds its providers. A machine's own configuration is used as it is; where there is
 * none, or one that is named and missing, a mirror that lies where mirrors lie; without either they are downloaded.
 */
export const providerVariables = (
  env: Readonly<Record<string, string | undefined>>,
  scratch: string,
): Readonly<Record<string, string | undefined>> => {
  const configured = env.TF_CLI_CONFIG_FILE;
  if (configured !== undefined && existsSync(configured)) return {};
  const mirror = SHELVES.flatMap(foldersIn).find(isMirror);
  if (mirror === undefined) return { TF_CLI_CONFIG_FILE: undefined };
  const file = join(scratch, 'providers.tfrc');
  writeFileSync(
    file,
    `disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
  );
  return { TF_CLI_CONFIG_FILE: file };
};
