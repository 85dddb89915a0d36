import { join } from 'node:path';
import { App } from 'cdktf';
import type { LambdaArchives } from './lambda-archive.ts';
import type { DeployableSettings } from './settings.ts';
import { SmootherStack } from './smoother-stack.ts';

export interface SynthesizeOptions {
  readonly settings: DeployableSettings;
  readonly archives: LambdaArchives;
  /** The folder to write to, which must have a parent; otherwise the one that cdktf chooses, `cdktf.out`. */
  readonly outdir?: string;
  /** For a removal: whether the bucket may be removed with all that is in it. */
  readonly isEmptied?: boolean;
}

export const STACK_NAME = 'smoother';

/** Writes the deployment as Terraform reads it, and answers with the folder. */
export const synthesize = ({ settings, archives, outdir, isEmptied = false }: SynthesizeOptions): string => {
  // Stack traces hold the paths of this machine.
  const app = new App({ stackTraces: false, ...(outdir === undefined ? {} : { outdir }) });
  new SmootherStack(app, STACK_NAME, { settings, archives, isEmptied });
  app.synth();
  return join(app.outdir, 'stacks', STACK_NAME);
};
