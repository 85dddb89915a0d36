import { Command } from 'commander';
import { type ApiClient, createApiClient } from '../api-client.ts';
import { addTargetOptions, type TargetOptions, targetOf } from '../api-target.ts';
import { tolerateClosedOutput } from '../output.ts';

export interface RemoteOptions extends TargetOptions {
  readonly json?: true;
}

/** A command that talks to a running pipeline, local or deployed. */
export const remoteCommand = (name: string, description: string): Command =>
  addTargetOptions(new Command(name).description(description)).option('--json', 'the answer as JSON');

export const openApi = (options: RemoteOptions): ApiClient => {
  tolerateClosedOutput();
  return createApiClient(targetOf(options));
};

export const isBatchId = (id: string): boolean => id.startsWith('bat_');

/** Of a request or a batch, told by its first letters. */
export const pathOf = (id: string): string =>
  `/v1/${isBatchId(id) ? 'batches' : 'requests'}/${encodeURIComponent(id)}`;
