import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Outputs } from './deployed-contents.ts';

export class TerraformMissing extends Error {
  constructor() {
    super(
      'Terraform is not on the PATH: install 1.10 or newer, https://developer.hashicorp.com/terraform/install.',
    );
    this.name = 'TerraformMissing';
  }
}

const exitOf = async (child: ReturnType<typeof spawn>): Promise<number> => {
  const failed = once(child, 'error').then(([error]) => {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? new TerraformMissing() : error;
  });
  const ended = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : 1));
  return Promise.race([ended, failed]);
};

/** Terraform in a folder, on this terminal. */
export const runTerraform =
  (folder: string) =>
  (...args: readonly string[]): Promise<number> =>
    exitOf(spawn('terraform', [`-chdir=${folder}`, ...args], { stdio: ['ignore', 'inherit', 'inherit'] }));

export const readOutputs = async (folder: string): Promise<Outputs> => {
  const child = spawn('terraform', [`-chdir=${folder}`, 'output', '-json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [json, code] = await Promise.all([text(child.stdout), exitOf(child)]);
  if (code !== 0) throw new Error('Terraform does not tell what it has created');
  return JSON.parse(json) as Outputs;
};
