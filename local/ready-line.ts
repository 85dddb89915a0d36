import type { ProcessIds } from './process-list.ts';
import type { Endpoints } from './service-addresses.ts';

/** What `--json` prints once everything is ready: one line, and nothing else ever goes to standard output. */
export interface ReadyLine {
  readonly api: string;
  readonly ops: string;
  /** What clients of others take for their own API's address. */
  readonly sdk: { readonly anthropic: string; readonly openai: string; readonly aws: string };
  readonly region: string;
  readonly endpoints: Endpoints;
  /** URL of every queue, by its name within the deployment. */
  readonly queues: Readonly<Record<string, string>>;
  readonly tables: { readonly requests: string; readonly reporting: string };
  readonly bucket: string;
  readonly pid: number;
  /** Split: the id of each process by what it does. `processes.json` in the data folder tells later ones. */
  readonly processes?: ProcessIds;
}
