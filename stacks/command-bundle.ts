import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { type Bundle, bundleEntryPoint } from './lambda-bundle.ts';

const COMMAND = 'cli/smoother.ts';

/** Programs that the command starts as processes of their own, each beside it under `dist`. */
const CHILD_PROGRAMS = ['local/cloud-process.ts', 'local/function-process.ts'];

const COMMAND_OPTIONS = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  // The oldest Node that package.json allows.
  target: 'node20',
  // Installed with the command, from its dependencies.
  packages: 'external',
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'error',
} as const satisfies BuildOptions;

const toScript = (sourceFile: string): string => sourceFile.replace(/\.ts$/, '.js');

/** Bundles the published `smoother` command and the programs it starts. */
export const bundleCommand = async (projectRoot: string): Promise<Bundle[]> => {
  const exists = (file: string): boolean => existsSync(join(projectRoot, file));
  if (!exists(COMMAND)) {
    throw new Error(
      `${COMMAND} is missing in ${projectRoot}: the package would be published without its command`,
    );
  }
  const command = bundleEntryPoint(projectRoot, COMMAND, toScript(COMMAND), {
    ...COMMAND_OPTIONS,
    banner: { js: '#!/usr/bin/env node' },
  });
  const programs = CHILD_PROGRAMS.filter(exists).map((program) =>
    bundleEntryPoint(projectRoot, program, toScript(program), COMMAND_OPTIONS),
  );
  return Promise.all([command, ...programs]);
};
