import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Outputs } from './deployed-contents.ts';
import type { Plan } from './planned-removals.ts';

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

const read = async <T>(what: string, ...args: readonly string[]): Promise<T> => {
  const child = spawn('terraform', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [json, code] = await Promise.all([text(child.stdout), exitOf(child)]);
  if (code !== 0) throw new Error(`Terraform does not tell ${what}`);
  return JSON.parse(json) as T;
};

export const readVersion = async (): Promise<string> =>
  (await read<{ readonly terraform_version: string }>('its version', 'version', '-json')).terraform_version;

export const readOutputs = (folder: string): Promise<Outputs> =>
  read('what it has created', `-chdir=${folder}`, 'output', '-json');

export const readPlan = (folder: string, plan: string): Promise<Plan> =>
  read('what it has planned', `-chdir=${folder}`, 'show', '-json', plan);
