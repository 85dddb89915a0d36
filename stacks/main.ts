import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readDeployment } from './read-deployment.ts';
import type { ReadSettings } from './settings.ts';
import { writeStack } from './write-stack.ts';

const PROJECT_ROOT = resolve(__dirname, '..');

const USAGE = 'Say `npm run synth -- [--context NAME=JSON]…`.';

const readArguments = (): ReadSettings => {
  try {
    const { values } = parseArgs({ options: { context: { type: 'string', multiple: true } } });
    return readDeployment(PROJECT_ROOT, values.context ?? []);
  } catch (error) {
    return { ok: false, faults: [(error as Error).message, USAGE] };
  }
};

const main = async (): Promise<void> => {
  const read = readArguments();
  if (read.ok) {
    console.log(
      `The stack is in ${await writeStack({ projectRoot: PROJECT_ROOT, settings: read.settings })}`,
    );
    return;
  }
  for (const fault of read.faults) console.error(fault);
  process.exitCode = 2;
};

main().catch((error: unknown) => {
  console.error(`The synthesis failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
